"""Which types hold a single value that no interpreter could stumble over?"""

from apiposture.program.types import TypeUse

SCALARS = frozenset(
    """bool Boolean byte Byte sbyte SByte short Int16 ushort UInt16 int Int32 uint UInt32 long Int64 ulong UInt64 nint nuint
    float Single double Double decimal Decimal Guid DateTime DateTimeOffset DateOnly TimeOnly TimeSpan BigInteger Int128 Half
    UUID datetime date time timedelta number bigint Integer Long Instant LocalDate LocalDateTime""".split()
)
"""Numbers, truth values, identifiers, dates: their text form has no quotes, slashes or line ends."""


def is_scalar(use: TypeUse) -> bool:
    """Is this a scalar or an enumeration?"""
    return use.name in SCALARS or (use.decl is not None and use.decl.kind == "enum")
