"""The pages of the library and of the digest share one blueprint, spread over two files."""

from flask import Blueprint

bp = Blueprint("community", __name__, url_prefix="/community")
