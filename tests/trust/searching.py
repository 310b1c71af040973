"""Looks into every byte of a reply: status, headers, body, and what is packed into cookies and signed links."""

import base64
import json
import re
import zlib
from urllib.parse import unquote_to_bytes

LINK = re.compile(rb"/files/([\w.-]+)")
IMAGE_CHUNKS = {
    b"VP8 ",
    b"VP8L",
    b"VP8X",
    b"ALPH",
}  # the dots of a WEBP; EXIF, XMP and ICCP are left out on purpose
SECRET_WORDS = (
    "operational",
    "adjudicat",
    "second read",
    "first read",
    "read twice",
    '"purpose',
    "discrepan",
)


class Search:
    """Collects what was looked at and what was found; `leaks` says where each canary stood."""

    def __init__(self, canaries):
        self.needles = {name: forms_of(words) for name, words in canaries.items()}
        self.leaks, self.replies, self.files, self.bytes, self.links = [], 0, 0, 0, set()

    def look(self, reply, *, about_reads=False):
        """Search one reply; where it is about reads, also for words that tell why a response was handed out."""
        where = f"{reply.request.method} {reply.request.path} {reply.status_code}"
        body = reply.get_data()
        head = "\n".join([reply.status, *(f"{name}: {value}" for name, value in reply.headers)]).encode()
        self.replies += 1
        if reply.mimetype.startswith("image/"):
            self.files += 1
            self._look_at_picture(where, body)
        parts = [head, body, unquote_to_bytes(head + body), *self._unpacked(head + body)]
        self.bytes += sum(map(len, parts[:2]))
        for part in parts:
            self._search(where, part.lower())
        if about_reads and reply.mimetype in {"text/html", "application/json"}:
            found = [words for words in SECRET_WORDS if words.encode() in (head + body).lower()]
            self.leaks += [(where, f"the word {words!r}") for words in found]

    def _search(self, where, text):
        self.leaks += [
            (where, name) for name, forms in self.needles.items() if any(form in text for form in forms)
        ]

    def _unpacked(self, raw):
        for token in LINK.findall(raw):
            self.links.add(token.decode())
            yield unpacked(token)
        for cookie in re.findall(rb"set-cookie: \S*session=([\w.-]+)", raw, re.IGNORECASE):
            yield unpacked(cookie)

    def _look_at_picture(self, where, data):
        if data[:4] != b"RIFF":
            return
        place = 12
        while place + 8 <= len(data):
            kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
            if kind not in IMAGE_CHUNKS:
                self.leaks.append((where, f"a chunk {kind!r} beside the picture"))
            place += 8 + size + size % 2


def forms_of(words):
    """How words may stand in bytes: plain, as other systems write text, and as digits. All in lower case."""
    return {form.lower() for form in (
        words.encode(), words.encode("utf-16-le"), words.encode("utf-16-be"), words.encode().hex().encode()
    )}  # fmt: skip


def unpacked(token):
    """What a signed token holds: everybody can read it, only not change it."""
    packed = token.startswith(b".")
    payload = token.lstrip(b".").split(b".")[0]
    data = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    return zlib.decompress(data) if packed else data


def link_of(token):
    """The values in a signed link."""
    return json.loads(unpacked(token.encode()))
