"""The address under which the pages of range-finding live."""

from flask import Blueprint

bp = Blueprint("rangefinding", __name__, url_prefix="/range-finding")
