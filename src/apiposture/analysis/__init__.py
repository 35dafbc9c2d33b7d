"""What is true of the program: who reaches what, and which data goes where?"""

from apiposture.analysis.changes import changes_since
from apiposture.analysis.derive import Derived, derive
from apiposture.analysis.living import Living
from apiposture.analysis.memory import Memory
from apiposture.analysis.pairs import same_endpoints
from apiposture.analysis.share import AbandonedError

__all__ = ["AbandonedError", "Derived", "Living", "Memory", "changes_since", "derive", "same_endpoints"]
