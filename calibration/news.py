"""What is new for a person since they were last told: each feature names its own, the digest gathers them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class News:
    """One thing that is new, and the page where it stands.

    The words are made by the product. They hold nothing that somebody typed, no student and no score: a digest leaves
    the house, and nobody can take it back.
    """

    words: str
    endpoint: str
    values: dict = field(default_factory=dict)
