"""What is remembered of all scans, so that nothing is lost, changed or put in later?"""

from apiposture.store.history import History, open_history

__all__ = ["History", "open_history"]
