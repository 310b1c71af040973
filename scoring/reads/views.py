"""Pages."""

from flask import Blueprint

bp = Blueprint("reads", __name__, url_prefix="/reads")
