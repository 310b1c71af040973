"""The library of the demonstration: the network shares one of its anchors."""

from calibration.community import sharing
from calibration.papers.services import anchors_for


def build(people, rubrics):
    """Share an anchor from the middle of the scale."""
    for rubric in rubrics.values():
        anchors = anchors_for(rubric)
        middle = len(anchors) // 2
        for paper in anchors[middle:] + anchors[:middle]:
            if sharing.why_not(paper) is None:
                words = "A clear paper near the middle of the scale. We begin every session with it."
                return sharing.share(paper, note=words, actor=people.network_admin)
    return None
