"""Which rules does the user want to run?"""

from difflib import get_close_matches

from apiposture.config import Config
from apiposture.model.error import PostureError
from apiposture.rules import catalogue


def wanted_rules(config: Config) -> frozenset[str] | None:
    """The ids of the rules to run; None for all. An id that no rule has is the user's to mend."""
    known = [rule.id for rule in catalogue()]
    for name in (*config.rules.select, *config.rules.ignore):
        if name not in known:
            near = get_close_matches(name, known, 1)
            advice = f"did you mean '{near[0]}'?" if near else "`apiposture rules` lists them."
            raise PostureError(f"Rule '{name}' does not exist; {advice}")
    if not config.rules.select and not config.rules.ignore:
        return None
    return frozenset(config.rules.select or known) - frozenset(config.rules.ignore)
