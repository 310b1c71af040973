"""What waits for a person in the calibration part: each feature names its own, the page "Calibration" lists them all."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Waiting:
    """One thing a person is asked to do: what it is, why now, and the page where it is done."""

    title: str
    detail: str
    action: str  # the words on the button
    endpoint: str
    values: dict = field(default_factory=dict)
