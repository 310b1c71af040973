"""Pages on which admins look after people, their roles, and the tree of districts and schools."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring.errors import Invalid, ScoringError
from scoring.fields import blame
from scoring.people import (  # the pages in two of these files belong to the same blueprint
    access,
    account_views,  # noqa: F401
    directory,
    invitation_views,  # noqa: F401
    invitations,
    rules,
    services,
)
from scoring.people.blueprint import bp
from scoring.people.forms import NameForm, RoleForm
from scoring.people.models import OrganizationKind
from scoring.permissions import Permission, Role, requires
from scoring.web import Paging

STATES = {"active": "Active", "deactivated": "Deactivated", "all": "All"}
BELOW = {
    OrganizationKind.NETWORK: OrganizationKind.DISTRICT,
    OrganizationKind.DISTRICT: OrganizationKind.SCHOOL,
}


@bp.app_context_processor
def words_for_roles():
    """Every template may call roles and places by their names."""
    return {"role_name": rules.ROLE_NAMES.__getitem__, "district_and_name": directory.district_and_name}


@bp.get("/people")
@requires(Permission.MANAGE_PEOPLE)
def index():
    """List the people the admin looks after."""
    places = directory.places_of(current_user)
    asked = {
        "words": request.args.get("q", "").strip(),
        "role": rules.role_of(request.args.get("role", "")),
        "state": request.args.get("state") if request.args.get("state") in STATES else "active",
        "place": {place.id: place for place in places}.get(request.args.get("place", type=int)),
    }
    people = Paging(directory.people_found(current_user, **asked))
    within = {place.id for place in places}
    return render_template("people/index.html", people=people, asked=asked, places=places, within=within, roles=Role,
                           states=STATES, waiting=Paging(invitations.waiting(current_user), page=1).total)  # fmt: skip


@bp.get("/people/<int:person_id>")
@requires(Permission.MANAGE_PEOPLE)
def person(person_id):
    """Show one person: the roles, and what can be done."""
    return _person_page(directory.person_within(current_user, person_id))


def _person_page(found, *, form=None, name_form=None, status=200):
    places = directory.places_of(current_user)
    page = render_template(
        "people/person.html",
        person=found,
        memberships=directory.memberships_within(current_user, found),
        form=form or RoleForm(formdata=None).offer(current_user, places),
        name_form=name_form or NameForm(formdata=None, obj=found),
        role_help={role.value: words for role, words in rules.ROLE_HELP.items()},
        may_manage=rules.may_manage(current_user, found),
        may_take={each.id for each in found.memberships if rules.may_give(current_user, each.role, each.organization)},
    )  # fmt: skip
    return page, status


@bp.post("/people/<int:person_id>/roles")
@requires(Permission.MANAGE_PEOPLE)
def add_role(person_id):
    """Give a person a role."""
    found = directory.person_within(current_user, person_id)
    form = RoleForm().offer(current_user, directory.places_of(current_user))
    if form.validate_on_submit():
        place = directory.organization_within(current_user, form.place.data)
        try:
            services.join(found, place, form.role.data, actor=current_user)
        except ScoringError as error:
            return _person_page(found, form=blame(form, error), status=422)
        flash(f"{found.name} is now {rules.ROLE_NAMES[Role(form.role.data)]} of {place.name}.", "success")
        return redirect(url_for(".person", person_id=person_id))
    return _person_page(found, form=form, status=422)


@bp.post("/people/<int:person_id>/roles/<int:membership_id>/remove")
@requires(Permission.MANAGE_PEOPLE)
def remove_role(person_id, membership_id):
    """Take a role from a person."""
    found = directory.person_within(current_user, person_id)
    membership = directory.membership_within(current_user, found, membership_id)
    place, role = membership.organization.name, rules.ROLE_NAMES[membership.role]
    services.leave(membership, actor=current_user)
    flash(f"{found.name} is no longer {role} of {place}.", "success")
    if not current_user.may(Permission.MANAGE_PEOPLE):
        return redirect("/")
    remains = directory.memberships_within(current_user, found)
    return redirect(url_for(".person", person_id=person_id) if remains else url_for(".index"))


@bp.post("/people/<int:person_id>/name")
@requires(Permission.MANAGE_PEOPLE)
def rename(person_id):
    """Correct a person's name."""
    found = directory.person_within(current_user, person_id)
    form = NameForm()
    if form.validate_on_submit():
        try:
            services.rename(found, form.name.data, actor=current_user)
            flash("The name is saved.", "success")
            return redirect(url_for(".person", person_id=person_id))
        except Invalid as error:
            blame(form, error)
    return _person_page(found, name_form=form, status=422)


@bp.post("/people/<int:person_id>/deactivate")
@requires(Permission.MANAGE_PEOPLE)
def deactivate(person_id):
    """Lock a person out."""
    found = directory.person_within(current_user, person_id)
    access.deactivate(found, actor=current_user)
    flash(f"{found.name} can no longer sign in.", "success")
    return redirect(url_for(".person", person_id=person_id))


@bp.post("/people/<int:person_id>/reactivate")
@requires(Permission.MANAGE_PEOPLE)
def reactivate(person_id):
    """Let a person in again."""
    found = directory.person_within(current_user, person_id)
    access.reactivate(found, actor=current_user)
    flash(f"{found.name} can sign in again.", "success")
    return redirect(url_for(".person", person_id=person_id))


@bp.post("/people/<int:person_id>/end-sessions")
@requires(Permission.MANAGE_PEOPLE)
def end_sessions(person_id):
    """Sign a person out everywhere, programs too."""
    found = directory.person_within(current_user, person_id)
    access.end_sessions(found, actor=current_user)
    flash(f"{found.name} is signed out everywhere. API tokens ended too.", "success")
    return redirect(url_for(".person", person_id=person_id))


# Districts and schools


@bp.get("/people/organizations")
@requires(Permission.MANAGE_PEOPLE)
def organizations():
    """Show the tree of districts and schools."""
    places = directory.places_of(current_user)
    return render_template("people/organizations.html", places=places, counts=directory.head_counts(places), below=BELOW,
                           waiting=Paging(invitations.waiting(current_user), page=1).total)  # fmt: skip


@bp.route("/people/organizations/<int:parent_id>/add", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def add_organization(parent_id):
    """Add a district to a network, or a school to a district."""
    parent = directory.organization_within(current_user, parent_id)
    if parent.kind not in BELOW:
        abort(404)  # nothing stands below a school
    kind = BELOW[parent.kind]
    form = NameForm()
    if form.validate_on_submit():
        try:
            made = services.add_organization(kind, name=form.name.data, parent=parent, actor=current_user)
            flash(f"{made.name} is added.", "success")
            return redirect(url_for(".organizations"))
        except ScoringError as error:
            blame(form, error)
    page = render_template("people/organization.html", form=form, parent=parent, kind=kind, organization=None)
    return page, 422 if form.errors else 200


@bp.route("/people/organizations/<int:organization_id>/rename", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def rename_organization(organization_id):
    """Give a district or a school another name."""
    found = directory.organization_within(current_user, organization_id)
    form = NameForm(obj=found)
    if form.validate_on_submit():
        try:
            services.rename_organization(found, form.name.data, actor=current_user)
            flash("The name is saved.", "success")
            return redirect(url_for(".organizations"))
        except ScoringError as error:
            blame(form, error)
    page = render_template("people/organization.html", form=form, parent=found.parent, kind=found.kind,
                           organization=found)  # fmt: skip
    return page, 422 if form.errors else 200
