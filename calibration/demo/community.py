"""The library of the demonstration: the network shares one of its anchors."""

from calibration.community import sharing
from calibration.papers.services import anchors_for


def build(people, rubrics):
    """Share the first anchor that can be shared."""
    for rubric in rubrics.values():
        for paper in anchors_for(rubric):
            if sharing.why_not(paper) is None:
                words = "A clear paper near the middle of the scale. We begin every session with it."
                return sharing.share(paper, note=words, actor=people.network_admin)
    return None
