"""Who may do what: one list of permissions, one table of roles, and nothing open by default."""

from enum import StrEnum, auto
from functools import wraps

from flask import abort, request
from flask_login import current_user, login_required


class Role(StrEnum):
    """What a person is in an organization."""

    SCORER = "scorer"
    LEADER = "leader"
    DISTRICT_ADMIN = "district_admin"
    NETWORK_ADMIN = "network_admin"


class Permission(StrEnum):
    """One thing a page lets people do."""

    ANYONE = auto()
    SIGNED_IN = auto()
    SCORE = auto()
    EDIT_TASKS = auto()
    SEE_RESPONSES = auto()
    IMPORT_RESPONSES = auto()
    OPEN_IDENTITY = auto()
    RUN_EVENTS = auto()
    ADJUDICATE = auto()
    SEE_AGREEMENT = auto()
    CHOOSE_ANCHORS = auto()
    CALIBRATE = auto()
    GIVE_CREDENTIALS = auto()
    EXPORT = auto()
    MANAGE_PEOPLE = auto()
    MANAGE_ORGANIZATIONS = auto()
    SEE_AUDIT = auto()


ALLOWED = {
    Role.SCORER: {Permission.SCORE},
    Role.LEADER: {Permission.EDIT_TASKS, Permission.SEE_RESPONSES, Permission.RUN_EVENTS, Permission.ADJUDICATE,
                  Permission.SEE_AGREEMENT, Permission.CHOOSE_ANCHORS, Permission.CALIBRATE, Permission.GIVE_CREDENTIALS},
    Role.DISTRICT_ADMIN: {Permission.SEE_RESPONSES, Permission.IMPORT_RESPONSES, Permission.OPEN_IDENTITY,
                          Permission.SEE_AGREEMENT, Permission.EXPORT, Permission.MANAGE_PEOPLE, Permission.SEE_AUDIT,
                          Permission.GIVE_CREDENTIALS},
    Role.NETWORK_ADMIN: {Permission.EDIT_TASKS, Permission.RUN_EVENTS, Permission.SEE_AGREEMENT,
                         Permission.CHOOSE_ANCHORS, Permission.CALIBRATE, Permission.EXPORT, Permission.MANAGE_PEOPLE,
                         Permission.MANAGE_ORGANIZATIONS, Permission.SEE_AUDIT, Permission.GIVE_CREDENTIALS},
}  # fmt: skip


def requires(permission):
    """Open a view to those who have the permission. A view without this answers nobody."""

    def decorate(view):
        if permission is Permission.ANYONE:
            view.permission = permission
            return view

        @wraps(view)
        def guarded(*args, **kwargs):
            if not current_user.may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded = login_required(guarded)
        guarded.permission = permission
        return guarded

    return decorate


def init_app(app):
    """Refuse every endpoint that does not say who may use it."""

    @app.before_request
    def deny_by_default():
        view = app.view_functions.get(request.endpoint)
        if view is not None and not hasattr(view, "permission"):
            abort(403)

    app.view_functions["static"].permission = Permission.ANYONE
