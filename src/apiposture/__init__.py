"""ApiPosture: a local-first API security scanner that proves who can reach what."""

__version__ = "0.1.0"
