"""The rules by which credentials are earned, who asked for one, the credentials, and the public keys they were signed with."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Organization, Person
from scoring.tasks.models import Rubric


class Measure(StrEnum):
    """Which figure has to reach the share that a rule asks for."""

    VALUE = "value"
    LOWER_END = "lower_end"  # of the interval: surely that good, not only so far


class CredentialRule(Base):
    """What a scorer must show to earn the credential of one rubric version, as one organization gives it."""

    __tablename__ = "credential_rule"
    __table_args__ = (
        sa.Index("uq_credential_rule_in_use", "organization_id", "rubric_id", unique=True,
                 sqlite_where=sa.text("retired_at IS NULL"), postgresql_where=sa.text("retired_at IS NULL")),
        sa.CheckConstraint("fewest_reads >= 1 AND fewest_double >= 10 AND fewest_hours >= 0", name="asks_for_enough"),
        sa.CheckConstraint(
            "least_exact BETWEEN 0 AND 100 AND coalesce(least_validity, 0) BETWEEN 0 AND 100",
            name="shares_are_percentages",
        ),
        sa.CheckConstraint("months IS NULL OR months BETWEEN 1 AND 120", name="lasts_a_while"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    fewest_reads: Mapped[int]
    fewest_double: Mapped[int]  # responses that somebody else scored as well
    least_exact: Mapped[int]  # in percent
    measure: Mapped[Measure] = mapped_column(default=Measure.VALUE)
    least_validity: Mapped[int | None]  # in percent, on validity papers
    fewest_hours: Mapped[int] = mapped_column(default=0)  # of calibration sessions
    needs_qualification: Mapped[bool] = mapped_column(default=False)
    months: Mapped[int | None]  # how long the credential lasts
    is_automatic: Mapped[bool] = mapped_column(default=False)  # given to whoever asks and has earned it
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()

    @property
    def title(self):
        """What the credential is about, in a line."""
        return f"{self.rubric.task.title}, rubric version {self.rubric.version}"


class SigningKey(Base):
    """The public half of a key that signs, or signed, credentials. What it signed is checked with it ever after."""

    __tablename__ = "signing_key"
    __table_args__ = (
        sa.CheckConstraint("distrusted_at IS NULL OR retired_at IS NOT NULL", name="distrusted_is_retired"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thumbprint: Mapped[str] = mapped_column(sa.String(43), unique=True)
    public_jwk: Mapped[dict] = mapped_column(sa.JSON)
    made_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]  # it signs no more
    distrusted_at: Mapped[datetime | None]  # it may be in wrong hands: what it signed counts no more


class Credential(Base):
    """What one scorer has earned, as it was signed. Its figures stay; it may be revoked, and its holder may share it."""

    __tablename__ = "credential"
    __table_args__ = (
        sa.Index("uq_credential_in_force", "person_id", "organization_id", "rubric_id", unique=True,
                 sqlite_where=sa.text("revoked_at IS NULL"), postgresql_where=sa.text("revoked_at IS NULL")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_with_a_reason"),
        sa.CheckConstraint("expires_at IS NULL OR expires_at > issued_at", name="expires_after_issue"),
        sa.CheckConstraint("status_index >= 0", name="status_index_counts_from_zero"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("credential_rule.id"), index=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    identifier: Mapped[str] = mapped_column(sa.String(60), unique=True)  # what the signed badge calls itself
    share_code: Mapped[str] = mapped_column(sa.String(24), unique=True)  # nobody can guess it
    status_index: Mapped[int] = mapped_column(unique=True)  # its place in the public list of revoked ones
    facts: Mapped[dict] = mapped_column(sa.JSON)  # the figures on the day it was earned
    badge: Mapped[str] = mapped_column(sa.Text)  # Open Badges 3.0, signed
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("signing_key.id"))
    issued_at: Mapped[datetime] = mapped_column(default=now)
    issued_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # nobody: by the rule itself
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoke_reason: Mapped[str | None] = mapped_column(sa.String(500))
    shared: Mapped[list | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )  # which facts; nothing: not shared
    shared_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    issued_by: Mapped[Person | None] = relationship(foreign_keys=[issued_by_id])
    revoked_by: Mapped[Person | None] = relationship(foreign_keys=[revoked_by_id])
    rule: Mapped[CredentialRule] = relationship()
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    key: Mapped[SigningKey] = relationship()

    @property
    def title(self):
        """What it is about, in a line."""
        return f"{self.rubric.task.title}, rubric version {self.rubric.version}"

    @property
    def is_shared(self):
        return self.shared is not None

    @property
    def has_expired(self):
        return self.expires_at is not None and self.expires_at <= now()

    @property
    def state(self):
        """One word for how it stands."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.has_expired else "valid"


class Answer(StrEnum):
    """What became of a request for a credential."""

    GIVEN = "given"
    DECLINED = "declined"


class CredentialRequest(Base):
    """A scorer who has earned a credential and asks for it."""

    __tablename__ = "credential_request"
    __table_args__ = (
        sa.Index("uq_credential_request_open", "rule_id", "person_id", unique=True,
                 sqlite_where=sa.text("answered_at IS NULL"), postgresql_where=sa.text("answered_at IS NULL")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered_with_an_answer"),
        sa.Index(None, "person_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("credential_rule.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[Answer | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    rule: Mapped[CredentialRule] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
