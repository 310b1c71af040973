"""Form fields that several forms share."""

from datetime import UTC

from wtforms import DateTimeLocalField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


class Ticks(SelectMultipleField):
    """Several check boxes, of which any number may be ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Moment(DateTimeLocalField):
    """A date and a time in UTC, shown to the minute: with seconds it would not fit its box."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.format = ["%Y-%m-%dT%H:%M"]

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = self.data.replace(tzinfo=UTC)


def whole(value):
    """The number that was chosen; None as long as none is. For the `coerce` of a choice."""
    return None if value is None else int(value)


def blame(form, error, **fields):
    """Put a service's complaint beside the fields it names; what belongs to no field goes above the form.

    `fields` tells where the form calls a thing otherwise: `blame(form, error, deadline_at="last_day")`. Returns the
    form, so that a view can show it again in the same breath.
    """
    found = {fields.get(name, name): words for name, words in error.fields.items()}
    for name in found:
        if name in form:
            form[name].errors = [*form[name].errors, found[name]]
    if not any(name in form for name in found):
        form.form_errors.append(error.message)
    return form
