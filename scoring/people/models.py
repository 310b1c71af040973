"""Organizations as a tree, people, what each is where, and the tokens that stand for them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column, object_session, relationship

from scoring.db import Base, now
from scoring.permissions import ALLOWED, Permission, Role


class OrganizationKind(StrEnum):
    """A network has districts, a district has schools."""

    NETWORK = "network"
    DISTRICT = "district"
    SCHOOL = "school"


class Organization(Base):
    """A network, a district, or a school."""

    __tablename__ = "organization"
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "name"),
        sa.CheckConstraint("(kind = 'network') = (parent_id IS NULL)", name="only_a_network_stands_alone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganizationKind]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime] = mapped_column(default=now)
    parent: Mapped["Organization | None"] = relationship(remote_side=[id], back_populates="children")
    children: Mapped[list["Organization"]] = relationship(
        back_populates="parent", order_by="Organization.name"
    )

    @property
    def district(self):
        """The district this belongs to; None for a network."""
        if self.kind is OrganizationKind.SCHOOL:
            return self.parent
        return self if self.kind is OrganizationKind.DISTRICT else None

    @property
    def network(self):
        """The network at the top of the tree."""
        return self if self.parent is None else self.parent.network

    @property
    def below(self):
        """This organization and all under it."""
        return [self] + [each for child in self.children for each in child.below]


class Person(Base):
    """Somebody who signs in. What they may do comes from their memberships."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # always lower case
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    session_key: Mapped[str] = mapped_column(sa.String(43), unique=True)  # a new one ends every session
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime | None]
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", lazy="selectin", order_by="Membership.id", cascade="all, delete-orphan"
    )

    is_authenticated = True
    is_anonymous = False

    def get_id(self):
        """What the session cookie holds for Flask-Login: never the row's id, so that sessions can be ended."""
        return self.session_key

    @property
    def permissions(self):
        """Everything this person may do somewhere."""
        allowed = {Permission.SIGNED_IN}
        return allowed.union(*(ALLOWED[membership.role] for membership in self.memberships))

    def may(self, permission, organization=None):
        """Whether this person may do that: anywhere, or in this organization through it or one above it."""
        if organization is None:
            return permission in self.permissions
        return organization.id in self.reach(permission)

    def reach(self, permission):
        """Ids of the organizations where this person has a permission: those of the memberships and all below."""
        tops = {each.organization_id for each in self.memberships if permission in ALLOWED[each.role]}
        above = aliased(Organization)
        query = (
            sa.select(Organization.id)
            .outerjoin(above, Organization.parent_id == above.id)
            .where(sa.or_(Organization.id.in_(tops), above.id.in_(tops), above.parent_id.in_(tops)))
        )
        return set(object_session(self).scalars(query)) if tops else set()

    @property
    def districts(self):
        """Districts this person belongs to, also through a school; a network's people belong to none."""
        found = [membership.organization.district for membership in self.memberships]
        return list(dict.fromkeys(district for district in found if district is not None))

    @property
    def schools(self):
        """Schools this person is a member of."""
        found = [membership.organization for membership in self.memberships]
        return [organization for organization in found if organization.kind is OrganizationKind.SCHOOL]


class Membership(Base):
    """What a person is in one organization."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("person_id", "organization_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    role: Mapped[Role]
    created_at: Mapped[datetime] = mapped_column(default=now)
    person: Mapped[Person] = relationship(back_populates="memberships")
    organization: Mapped[Organization] = relationship(lazy="joined")


class Invitation(Base):
    """A link that works once. Only its hash is kept.

    An invitation offers a role to whoever has an e-mail; the person is set when it is accepted, so that nothing
    tells beforehand whether the e-mail is known here. A link for a new password has its person from the start.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("email IS NOT NULL OR person_id IS NOT NULL", name="is_for_somebody"),
        sa.CheckConstraint(
            "(email IS NULL) = (organization_id IS NULL) AND (email IS NULL) = (role IS NULL)",
            name="offers_a_role",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(254), index=True)  # always lower case
    name: Mapped[str | None] = mapped_column(sa.String(120))
    organization_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    role: Mapped[Role | None]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])
    organization: Mapped[Organization | None] = relationship(lazy="joined")

    @property
    def is_open(self):
        """Whether the link still works."""
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > now()


class ApiToken(Base):
    """A secret that lets a program act for a person. Only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
