"""Forms about people: signing in, the own account, roles, places, and lists of people to invite."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from scoring.people import rules
from scoring.people.directory import district_and_name
from scoring.people.invite_list import MOST_LETTERS
from scoring.permissions import Role

NAME = [InputRequired("Write a name."), Length(max=120, message="Write at most 120 letters.")]
MOST_BYTES = 4 * MOST_LETTERS


class SignInForm(FlaskForm):
    """E-mail and password. What is wrong with them is never told apart."""

    email = StringField("E-mail", render_kw={"type": "email", "autocomplete": "username"})
    password = PasswordField("Password", render_kw={"autocomplete": "current-password"})


class AcceptForm(FlaskForm):
    """What somebody who follows an invitation tells us."""

    name = StringField("Your name", NAME, render_kw={"autocomplete": "name"})
    password = PasswordField("Password", [InputRequired("Type a password.")],
                             render_kw={"autocomplete": "new-password"})  # fmt: skip


class NewPasswordForm(FlaskForm):
    """A new password for somebody who forgot the old one."""

    password = PasswordField("New password", [InputRequired("Type a password.")],
                             render_kw={"autocomplete": "new-password"})  # fmt: skip


class ChangePasswordForm(FlaskForm):
    """A new password for somebody who knows the present one."""

    present = PasswordField("Present password", [InputRequired("Type your present password.")],
                            render_kw={"autocomplete": "current-password"})  # fmt: skip
    password = PasswordField("New password", [InputRequired("Type a new password.")],
                             render_kw={"autocomplete": "new-password"})  # fmt: skip


class NameForm(FlaskForm):
    """A name: of a person, a school, a district."""

    name = StringField("Name", NAME)


class TokenForm(FlaskForm):
    """What a new API token is for."""

    token_name = StringField(
        "What is it for?",
        [InputRequired("Write what it is for."), Length(max=80, message="Write at most 80 letters.")],
        description="Such as: nightly export script.",
    )


class RoleForm(FlaskForm):
    """One role in one place."""

    role = RadioField("Role", [InputRequired("Choose a role.")], coerce=str)
    place = SelectField("Where", coerce=int)

    def offer(self, actor, places):
        """Offer only what this admin may give somewhere."""
        roles = {role for place in places for role in rules.roles_for(actor, place)}
        self.role.choices = [
            (role.value, rules.ROLE_NAMES[role].capitalize()) for role in Role if role in roles
        ]
        self.place.choices = [(place.id, district_and_name(place)) for place in places]
        return self


class InviteForm(FlaskForm):
    """A list of people, pasted or in a file. `rows` carries it from the preview to the sending."""

    text = TextAreaField("Paste the list", [Optional()], render_kw={"rows": 8, "spellcheck": "false"})
    file = FileField(
        "Or choose a CSV file", [Optional()], render_kw={"accept": ".csv,.txt,text/csv,text/plain"}
    )
    rows = HiddenField()

    def validate_file(self, field):
        if field.data:
            self.text.data = _decoded(field.data.read(MOST_BYTES + 1))

    def validate(self, extra_validators=None):
        is_valid = super().validate(extra_validators)
        if not (self.rows.data or (self.text.data or "").strip() or self.file.data):
            self.text.errors = [*self.text.errors, "Paste a list, or choose a file."]
            return False
        return is_valid

    @property
    def list_text(self):
        return self.rows.data or self.text.data


def _decoded(data):
    """Spreadsheets save CSV as UTF-8, as UTF-16, or in the old Windows alphabet."""
    if len(data) > MOST_BYTES or (b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise ValidationError("This is no CSV file. In your spreadsheet, choose Save as and then CSV.")
    for alphabet in (
        ("utf-16", "utf-8-sig") if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",)
    ):
        try:
            return data.decode(alphabet)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")
