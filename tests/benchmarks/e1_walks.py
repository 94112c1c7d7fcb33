"""E1: random walks of incidents over all moves, with random actors, levels, times and second clicks.

Everything that `tests/loop/walk.py` says must hold after every step; the first broken rule ends it. Real
commits against a PostGIS of its own. E1_WALKS says how many.
"""

import contextlib
import os
import tempfile
import time

from geogrid.embedded.testing import fresh_database

WALKS, LONG = 200, 40


def main(small: bool) -> int:
    with fresh_database() as database, tempfile.TemporaryDirectory() as folder:
        os.environ.update(database.environment())
        os.environ |= {"DJANGO_SETTINGS_MODULE": "geogrid.settings", "GEOGRID_VAR": folder}
        import django

        django.setup()
        return walk(1 if small else int(os.environ.get("E1_WALKS", WALKS)), 8 if small else LONG)


def walk(walks: int, long: int) -> int:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.loop.conftest import make_loop
    from tests.loop.walk import Tally, Walk

    Walk.loop, Walk.tally = make_loop(), Tally()
    began = time.monotonic()
    with contextlib.suppress(AssertionError):  # told below
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=walks,
                stateful_step_count=long,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    broken = Walk.tally.broken
    tally = Walk.tally
    print(
        f"{tally.walks} walks, {tally.steps} steps taken, {tally.refused} tries refused in words, "
        f"{time.monotonic() - began:.0f} s"
    )
    if broken:
        print(broken)
    print(f"E1 {tally.steps} steps in {tally.walks} walks, rules broken: {int(bool(broken))} 0 "
          f"{'short' if broken else 'ok'}")  # fmt: skip
    return 1 if broken else 0
