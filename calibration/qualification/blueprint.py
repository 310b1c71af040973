"""The pages of scorers and those of leaders share one blueprint, spread over three files."""

from flask import Blueprint

bp = Blueprint("qualification", __name__, url_prefix="/qualification")
