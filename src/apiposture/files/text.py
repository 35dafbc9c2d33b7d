"""What text do these bytes hold?"""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_SNIFFED = 8192
_BINARY_SHARE = 0.1
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1b")


def decoded(raw: bytes) -> str | None:
    """The text, by its byte order mark or the first encoding that fits; None where the bytes are no text.

    A stray NUL becomes a blank, so that the rest of the file is still read and every offset holds.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _blanked(raw[len(mark) :].decode(encoding, "replace"))
    if b"\0" in raw[:_SNIFFED] or raw.count(b"\0"):
        return _with_nulls(raw)
    return _by_trial(raw)


def _by_trial(raw: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _with_nulls(raw: bytes) -> str | None:
    head = raw[:_SNIFFED]
    for encoding, nulls, letters in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if nulls.count(0) > 0.7 * len(nulls) and letters.count(0) < 0.02 * max(1, len(letters)):
            return _blanked(raw.decode(encoding, "replace"))
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _BINARY_SHARE * len(head):
        return None
    try:
        return _blanked(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _blanked(text: str) -> str:
    return text.replace("\0", " ")
