"""Which values do these bytes spell? DER (X.690), in which every value has one spelling."""

from __future__ import annotations

from apiposture.evidence.verifier.canonical import BrokenError

INTEGER, BITS, OCTETS, NAME, UTC, TIME, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x17, 0x18, 0x30, 0x31


class Der:
    """One value: its tag, what is inside of it, and all of its bytes."""

    def __init__(self, data: bytes, at: int) -> None:
        self.tag, size, start = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, start = int.from_bytes(data[start : start + count], "big"), start + count
            if not 1 <= count <= 4 or size < 0x80 or size >> 8 * (count - 1) == 0:
                raise BrokenError("A length is not spelled as DER spells it.")
        self.inside = data[start : start + size]
        self.whole = data[at : start + size]
        self.end = start + size
        if self.end > len(data):
            raise BrokenError("A value ends behind its surroundings.")

    def parts(self) -> list[Der]:
        """The values inside."""
        found, at = [], 0
        while at < len(self.inside):
            found.append(Der(self.inside, at))
            at = found[-1].end
        return found

    def number(self) -> int:
        """The value of an integer."""
        return int.from_bytes(self.of(INTEGER).inside, "big", signed=True)

    def name(self) -> str:
        """An object identifier with dots."""
        arcs, value = [], 0
        for byte in self.of(NAME).inside:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(value)
                value = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(str(each) for each in (first, arcs[0] - 40 * first, *arcs[1:]))

    def bits(self) -> bytes:
        """The bytes of a bit string that has only whole ones."""
        if self.of(BITS).inside[:1] != b"\0":
            raise BrokenError("A bit string does not end with a byte.")
        return self.inside[1:]

    def of(self, tag: int) -> Der:
        """This value, which must be of that kind."""
        if self.tag != tag:
            raise BrokenError(f"A value of kind {tag:#x} was expected, and one of kind {self.tag:#x} is there.")
        return self


def der(data: bytes) -> Der:
    """The value that these bytes are, to the last of them."""
    try:
        found = Der(data, 0)
    except IndexError:
        raise BrokenError("A value is cut short.") from None
    if found.end != len(data):
        raise BrokenError("Something stands behind a value.")
    return found
