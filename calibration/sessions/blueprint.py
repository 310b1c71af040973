"""The blueprint of all pages about calibration sessions."""

from flask import Blueprint

bp = Blueprint("sessions", __name__, url_prefix="/sessions")
