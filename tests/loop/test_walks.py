"""E1, small: random walks over all moves (large: `make bench ONLY=E1`)."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.loop.conftest import Loop
from tests.loop.walk import Tally, Walk


def test_whatever_people_and_clocks_do_one_has_it_and_nothing_is_lost(lasting_loop: Loop):
    Walk.loop, Walk.tally = lasting_loop, Tally()

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # what fails is printed as it is: shrinking takes minutes here
            suppress_health_check=list(HealthCheck),
        ),
    )

    tally = Walk.tally
    print(f"{tally.walks} walks, {tally.steps} steps, {tally.refused} refused")
    assert tally.steps > tally.walks
