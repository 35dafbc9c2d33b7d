"""What does a Git repository say about its commits and their files?

Read straight from the object store. No program is run: a repository's own configuration can name programs that Git would start, and
nothing of the scanned tree is ever executed.
"""

from apiposture.repository.checkout import Checkout
from apiposture.repository.commits import Commit, commit_from, first_parents
from apiposture.repository.places import Repository, find
from apiposture.repository.trees import Blob, blob_id, files_below, modules_below

__all__ = ["Blob", "Checkout", "Commit", "Repository", "blob_id", "commit_from", "files_below", "find", "first_parents", "modules_below"]
