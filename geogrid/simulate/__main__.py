"""`python -m geogrid.simulate SERVER`: what goes on beside a demonstration that runs, at low priority.

The plan is made by a process of its own, so that this one stays small: it knows no Django.
"""

import os
import subprocess
import sys
from pathlib import Path

from geogrid.simulate.demo import go_on
from geogrid.simulate.doors import Server
from geogrid.simulate.plan import read_plan
from geogrid.simulate.stopping import Stop

NICENESS = 15
FIRST_S = 3.0  # whoever waits for the first map comes first
PREPARE = "from geogrid.simulate.commands import prepare_plan; print(prepare_plan())"


def _say(line: str) -> None:
    print(line, flush=True)


def main(address: str) -> int:
    """Until a signal ends it, or who started it is gone."""
    stop = Stop().on_signals()
    os.nice(NICENESS)
    if stop.wait(FIRST_S):
        return 0
    made = subprocess.run([sys.executable, "-c", PREPARE], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode != 0 or stop:
        return 0 if stop else made.returncode
    path = Path(made.stdout.strip().splitlines()[-1])
    plan = read_plan(path)
    if plan is None:
        _say(f"Simulation: {path} cannot be read")
        return 1
    _say(f"Simulation: {len(plan.walkers)} people patrol in turn, {len(plan.gauges)} gauges speak")
    go_on(plan, Server(address), path.parent, stop, _say)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
