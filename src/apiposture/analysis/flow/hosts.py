"""What does a test of one part of an address say of where the address leads?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.alike import AT_HOST
from apiposture.analysis.flow.frame import Frame
from apiposture.frameworks.vocabulary import SINKS
from apiposture.model import ir

BESIDE_HOST: Final = frozenset(SINKS) - AT_HOST
"""What is known of an address of which something else than the host is: the scheme, the path."""


def part_of_address(frame: Frame, tested: ir.Expr) -> str:
    """The member that is read of an address that was taken apart, or nothing."""
    if type(tested) is not ir.Member:
        return ""
    kind = frame.seen(tested.object).type
    return tested.name if kind is not None and frame.knowledge.is_by_nature(kind.name, "address") else ""


def names_host(frame: Frame, tested: ir.Expr) -> bool:
    """Is it the host of an address?"""
    part = part_of_address(frame, tested)
    return bool(part) and frame.knowledge.does(part, "host")


def held_to(frame: Frame, tested: ir.Expr, clears: frozenset[str]) -> frozenset[str]:
    """What a test clears that holds a value to something fixed: an address of which it is not the host leads anywhere."""
    return BESIDE_HOST if clears and frame.knowledge.does(part_of_address(frame, tested), "beside-host") else clears


def without_host(frame: Frame, tested: ir.Expr, truth: bool) -> frozenset[str]:
    """What is cleared where an address has no host: it leads nowhere else."""
    return AT_HOST if not truth and names_host(frame, tested) else frozenset()
