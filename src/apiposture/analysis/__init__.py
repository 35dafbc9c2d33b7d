"""What is true of the program: who reaches what, and which data goes where?"""

from apiposture.analysis.changes import changes_since
from apiposture.analysis.derive import Derived, derive
from apiposture.analysis.memory import Memory

__all__ = ["Derived", "Memory", "changes_since", "derive"]
