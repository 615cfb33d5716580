"""The command line: each command parses, calls a room below, and renders what comes back."""

from .app import main

__all__ = ["main"]
