"""What waits for a person in discussions: who named them, and what is new in the threads they follow."""

from calibration.discussions import listing
from calibration.waiting import Waiting


def waiting_for(person):
    """Return at most one thing to do: mentions go first, for somebody is waiting for an answer."""
    if not listing.may_have_news(person):
        return []
    named = listing.unread_mentions(person)
    if named:
        thread, post = named[0]
        title = f"{post.author.name} named you in a discussion"
        more = {0: "", 1: " One more post names you."}.get(
            len(named) - 1, f" {len(named) - 1} more posts name you."
        )
        detail = f"{thread.shown_title}{more}"
        return [Waiting(title, detail, "Read it", "discussions.show", {"thread_id": thread.id})]
    count = listing.count_unread(person)
    if not count:
        return []
    title = (
        "New in 1 discussion that you follow" if count == 1 else f"New in {count} discussions that you follow"
    )
    return [
        Waiting(
            title,
            "Somebody wrote since you last looked.",
            "Look at them",
            "discussions.index",
            {"whose": "unread", "state": "all"},
        )
    ]
