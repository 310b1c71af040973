"""One page of a list: what stands on it, and where it is among the others."""

PAGE_SIZE = 25


class ListPage:
    """One page of `found`, a list that is at hand. Pages count from 1; beyond the last one is the last one.

    >>> page = ListPage("abcdefg", 2, size=3)
    >>> page.items, page.page, page.pages, page.total, page.has_prev, page.has_next
    ('def', 2, 3, 7, True, True)
    >>> ListPage("abcdefg", 99, size=3).items, ListPage("", -1).items
    ('g', '')
    """

    def __init__(self, found, page=1, size=PAGE_SIZE):
        self._turn_to(page, len(found), size)
        self.items = found[self.start : self.start + size]

    def _turn_to(self, page, total, size):
        self.total, self.pages = total, max(1, -(-total // size))
        self.page = min(max(1, page), self.pages)
        self.start = (self.page - 1) * size

    @property
    def has_prev(self):
        return self.page > 1

    @property
    def has_next(self):
        return self.page < self.pages
