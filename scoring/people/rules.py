"""Who may give which role, and where each role belongs. Pure rules: every answer can be read off here."""

from scoring.permissions import Role

GIVES = {
    Role.DISTRICT_ADMIN: {Role.SCORER, Role.LEADER, Role.DISTRICT_ADMIN},
    Role.NETWORK_ADMIN: set(Role),
}
BELONGS = {
    Role.SCORER: {"school", "district", "network"},
    Role.LEADER: {"district", "network"},
    Role.DISTRICT_ADMIN: {"district"},
    Role.NETWORK_ADMIN: {"network"},
}
ADMINS = {Role.DISTRICT_ADMIN, Role.NETWORK_ADMIN}
ROLE_NAMES = {
    Role.SCORER: "scorer",
    Role.LEADER: "leader",
    Role.DISTRICT_ADMIN: "district admin",
    Role.NETWORK_ADMIN: "network admin",
}
ROLE_HELP = {
    Role.SCORER: "Scores student work. Sees no student, school, or other score.",
    Role.LEADER: "Runs scoring events, builds tasks, settles discrepant responses, chooses anchor papers.",
    Role.DISTRICT_ADMIN: "Imports work, looks after people, exports reports of one district.",
    Role.NETWORK_ADMIN: "Looks after districts, shares tasks, runs events across districts.",
}


def fits(role, kind):
    """Whether a role makes sense in this kind of organization.

    >>> fits(Role.SCORER, "school"), fits(Role.DISTRICT_ADMIN, "school")
    (True, False)
    """
    return kind in BELONGS[role]


def may_give(actor, role, organization):
    """Whether this person may give that role there, or take it away: in the own organization and all below it."""
    path = set()
    while organization is not None:
        path.add(organization.id)
        organization = organization.parent
    return any(
        role in GIVES.get(membership.role, ()) and membership.organization_id in path
        for membership in actor.memberships
    )


def may_lift(actor, person, role):
    """Nobody makes themselves an admin of anything: that is for somebody else to do."""
    return actor.id != person.id or role not in ADMINS


def may_manage(actor, person):
    """Whether this person may act on that whole account: every role it has must be one the actor could give.

    So a district admin can not lock out, or take over, somebody who also works elsewhere or above.
    """
    return bool(person.memberships) and all(
        may_give(actor, membership.role, membership.organization) for membership in person.memberships
    )


def roles_for(actor, organization):
    """The roles this person may give in an organization, in their usual order."""
    return [role for role in Role if fits(role, organization.kind) and may_give(actor, role, organization)]


def role_of(words):
    """Read a role as people write it; None when it is no role.

    >>> role_of(" District-Admin "), role_of("principal")
    (<Role.DISTRICT_ADMIN: 'district_admin'>, None)
    """
    plain = "_".join(words.lower().replace("-", " ").replace("_", " ").split())
    return Role(plain) if plain in set(Role) else None
