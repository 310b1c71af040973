"""The pages of tasks, of clarifications and of notes share one blueprint, spread over three files."""

from flask import Blueprint

bp = Blueprint("tasks", __name__, url_prefix="/tasks")
