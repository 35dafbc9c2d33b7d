"""What is said when the user can put it right?"""


class PostureError(Exception):
    """One sentence with what is wrong, where, and what to do: the command line shows it and ends with exit code 2."""
