"""Which words in a program's names say that something belongs to somebody?"""
