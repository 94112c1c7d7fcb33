"""The evaluation is tested in the loop's city."""

from tests.loop.conftest import lasting_loop, loop

__all__ = ["lasting_loop", "loop"]
