"""Form fields that several forms share."""

from datetime import UTC

from wtforms import DateTimeLocalField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


class Ticks(SelectMultipleField):
    """Several check boxes, of which any number may be ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Moment(DateTimeLocalField):
    """A date and a time in UTC."""

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if self.data is not None:
            self.data = self.data.replace(tzinfo=UTC)
