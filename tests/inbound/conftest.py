"""Other systems send into the loop's city."""

from tests.loop.conftest import loop

__all__ = ["loop"]
