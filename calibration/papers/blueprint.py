"""The pages of papers and of paper sets share one blueprint, spread over two files."""

from flask import Blueprint

bp = Blueprint("papers", __name__, url_prefix="/anchors")
