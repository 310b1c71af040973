"""What waits for a person about papers: work in which a name may stand."""

import sqlalchemy as sa

from calibration.papers import name_checks
from calibration.papers.models import NameCheck
from calibration.waiting import Waiting
from scoring.db import db
from scoring.permissions import Permission


def waiting_for(person):
    """Return the work a district admin was asked to look at, as one thing to do."""
    if not person.may(Permission.OPEN_IDENTITY):
        return []
    open_ones = name_checks.check_query(person).where(NameCheck.checked_at.is_(None)).order_by(None)
    many = db.session.scalar(sa.select(sa.func.count()).select_from(open_ones.subquery()))
    if not many:
        return []
    words = "In 1 response" if many == 1 else f"In {many} responses"
    return [Waiting("Names in student work", f"{words} the student's own name may stand. Look before others see the work.",
                    "Look at it", "papers.name_index")]  # fmt: skip
