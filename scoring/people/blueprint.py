"""The pages of people share one blueprint, spread over three files."""

from flask import Blueprint

bp = Blueprint("people", __name__)
