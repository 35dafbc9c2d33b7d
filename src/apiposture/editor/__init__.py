"""What does an editor show while the code is being written?

`session` keeps the project and what is typed into it, `answers` says the findings in the protocol's words, `server` speaks it.
"""
