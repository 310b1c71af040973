"""What waits for a person in comparative judgment."""

from calibration.judging import comparing
from calibration.waiting import Waiting


def waiting_for(person):
    """Name the studies in which this person has pairs left to compare, and can have one."""
    found = []
    for study in comparing.studies_of(person):
        seat = comparing.seat_of(study.id, person)
        standing = comparing.standing(seat)
        if standing.done < standing.share and comparing.has_pair(seat):
            detail = f"{standing.done} of about {standing.share} pairs compared."
            found.append(Waiting(f"Compare work: {study.title}", detail, "Compare", "judging.compare", {"study_id": study.id}))  # fmt: skip
    return found
