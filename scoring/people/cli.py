"""Commands about people."""

from flask.cli import AppGroup

people = AppGroup("people", help="Look after people and their tokens.")
