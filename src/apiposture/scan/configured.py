"""What of a configuration decides what is found?"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from apiposture.config import Config


def digest_of(config: Config) -> str:
    """What tells configurations apart that may lead to different results."""
    return sha256(configuration_as_used(config)).hexdigest()[:16]


def configuration_as_used(config: Config) -> bytes:
    """The configuration as JSON; where it was read from and how fast is no part of it."""
    same = msgspec.structs.replace(config, jobs=0, cache=True, source="", suppress_lines=())
    return msgspec.json.encode(same, order="deterministic")


def digest_of_knowledge(config: Config) -> str:
    """What tells configurations apart under which other facts are found: what they say of libraries, and nothing else."""
    return sha256(msgspec.json.encode(config.library, order="deterministic")).hexdigest()[:16]
