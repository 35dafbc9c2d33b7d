"""What is true of the program: who reaches what, and which data goes where?"""

from apiposture.analysis.derive import Derived, derive

__all__ = ["Derived", "derive"]
