"""The blueprint of credentials; its pages are in views.py, leader_views.py and public_views.py."""

from flask import Blueprint

bp = Blueprint("credentials", __name__, url_prefix="/credentials")
