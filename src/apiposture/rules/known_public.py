"""Is a route one that the world is meant to call, such as a login or a health check?"""

import re
from functools import cache

from msgspec import Struct, convert

from apiposture import shipped
from apiposture.model.facts import Endpoint
from apiposture.model.finding import SEVERITIES

VERSION = re.compile(r"v?(?:\d+(?:\.\d+)*|\{(?:api)?version\})")


class PublicRoute(Struct, frozen=True):
    """One kind of route that is public by purpose: its last segments, the methods, and the severity that is left.

    What one of the `handlers` answers is of that kind wherever it is mapped.
    """

    segments: tuple[str, ...]
    methods: tuple[str, ...]
    severity: str
    why: str
    anywhere: bool = False
    handlers: tuple[str, ...] = ()


class PublicRoutes(Struct, frozen=True):
    """The data file: segments that say nothing about a route's purpose, and the routes."""

    neutral: tuple[str, ...]
    route: tuple[PublicRoute, ...]


@cache
def known() -> PublicRoutes:
    """The rows of `known_public.toml`."""
    return convert(shipped.table("apiposture.rules", "known_public.toml"), PublicRoutes)


def public_route_of(endpoint: Endpoint) -> PublicRoute | None:
    """The row that an endpoint's route and method meet, or None."""
    segments = tuple(plain(segment) for segment in endpoint.route.split("/") if segment)
    for row in known().route:
        if endpoint.handler in row.handlers or (is_called_so(endpoint, row) and meets(segments, row)):
            return row
    return None


def is_called_so(endpoint: Endpoint, row: PublicRoute) -> bool:
    """Is the endpoint called by one of the row's methods? What answers every method is, where it only reads."""
    if endpoint.method == "*" and not endpoint.changes_state and "GET" in row.methods:
        return True
    return endpoint.method in row.methods or "*" in row.methods


def meets(segments: tuple[str, ...], row: PublicRoute) -> bool:
    """Do the segments end with the row's, with nothing but neutral ones before? Anywhere, for rows that say so."""
    size = len(row.segments)
    if row.anywhere:
        return any(segments[at : at + size] == row.segments for at in range(len(segments) - size + 1))
    before = segments[: len(segments) - size]
    return segments[-size:] == row.segments and all(is_neutral(segment) for segment in before)


def is_neutral(segment: str) -> bool:
    """Does a segment say nothing about what a route is for (`api`, `v2`, `auth`)?"""
    return segment in known().neutral or VERSION.fullmatch(segment) is not None


def plain(segment: str) -> str:
    """A segment without case, hyphens and underscores: `Forgot-Password` is `forgotpassword`."""
    return segment.lower().replace("-", "").replace("_", "")


def severity_for(endpoint: Endpoint, severity: str) -> tuple[str, str]:
    """The severity that is left for an endpoint, and the reason where it is lower: never hidden, never raised."""
    if endpoint.proof is not None:
        return "low", endpoint.proof.text
    if endpoint.environments is not None:
        return "low", "it answers in some environments only"
    row = public_route_of(endpoint)
    if row is None or SEVERITIES.index(row.severity) <= SEVERITIES.index(severity):
        return severity, ""
    return row.severity, row.why
