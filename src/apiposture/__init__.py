"""ApiPosture: a local-first API security scanner that proves who can reach what."""

__version__ = "2.0.0a1"
