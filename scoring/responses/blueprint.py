"""The pages of responses share one blueprint, spread over two files."""

from flask import Blueprint

bp = Blueprint("responses", __name__, url_prefix="/responses")
