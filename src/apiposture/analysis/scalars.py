"""Which types hold a single value that no interpreter could stumble over?"""

from typing import Final

from apiposture.program.types import TypeUse

SCALARS: Final = frozenset(
    """bool Boolean byte Byte sbyte SByte short Int16 ushort UInt16 int Int32 uint UInt32 long Int64 ulong UInt64 nint nuint
    float Single double Double decimal Decimal Guid DateTime DateTimeOffset DateOnly TimeOnly TimeSpan BigInteger Int128 Half
    UUID UUID1 UUID3 UUID4 UUID5 UUID6 UUID7 UUID8 PositiveInt NegativeInt NonNegativeInt NonPositiveInt StrictInt PositiveFloat
    NegativeFloat NonNegativeFloat StrictFloat StrictBool AwareDatetime NaiveDatetime PastDate FutureDate Literal
    datetime date time timedelta number bigint Integer Long Instant LocalDate LocalDateTime""".split()
)
"""Numbers, truth values, identifiers, dates: their text form has no quotes, slashes or line ends."""


def is_scalar(use: TypeUse) -> bool:
    """Is this a scalar or an enumeration?"""
    return use.name in SCALARS or (use.decl is not None and use.decl.kind == "enum")


NO_KEYS: Final = frozenset("bool Boolean DateTime DateTimeOffset DateOnly TimeOnly TimeSpan decimal double float datetime date".split())


def names_nothing(use: TypeUse) -> bool:
    """Do values of the type narrow a query without ever naming an object?"""
    return use.name in NO_KEYS or (use.decl is not None and use.decl.kind == "enum")
