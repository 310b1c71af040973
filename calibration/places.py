"""The order of things that stand in numbered places: papers of a set or a session, sets of a program."""


def change_places(session, order, item, by):
    """Let `item` change places with the one before it (-1) or after it (1) in `order`, a list by position.

    Writes within the caller's transaction: no two ever hold one position, not even for a moment, so that the database
    can keep that promise. Returns the place before and after, counted from 1; None when there is nothing to change
    places with.
    """
    at = order.index(item)
    if not 0 <= at + by < len(order):
        return None
    other = order[at + by]
    here, there = item.position, other.position
    for each, position in ((item, 0), (other, here), (item, there)):
        each.position = position
        session.flush()
    return at + 1, at + by + 1
