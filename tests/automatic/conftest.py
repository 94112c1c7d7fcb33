"""Automatic filing happens in the loop's city."""

from tests.loop.conftest import loop

__all__ = ["loop"]
