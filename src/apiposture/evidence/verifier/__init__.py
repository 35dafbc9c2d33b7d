"""Does everything in a pack hold, and what follows from it?

These modules import the standard library alone: joined into one file they are the `verify.py` of every pack, and the pack is built with the
very same functions, so that the two can't disagree about what a table, a figure or a status is.
"""
