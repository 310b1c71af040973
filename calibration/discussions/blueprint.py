"""The pages of threads and of posts share one blueprint, spread over two files."""

from flask import Blueprint

bp = Blueprint("discussions", __name__, url_prefix="/discussions")
