"""What goes on beside a running demonstration: three days of the past, then gentle patrols and calm water."""

import os
import threading
import time
from pathlib import Path

from geogrid.simulate.doors import Outbox, Say, Server
from geogrid.simulate.patrols import utc_now, walk_live, walk_past
from geogrid.simulate.plan import Plan
from geogrid.simulate.stopping import Stop
from geogrid.simulate.storm import calm_live, past_levels

LOCK_NAME = "gauges.lock"


def go_on(plan: Plan, server: Server, folder: Path, stop: Stop, say: Say) -> None:
    """Live at once, the past beside it, until the end. Devices have one voice each: the past speaks through
    connections of its own."""
    threads = [
        threading.Thread(target=work, name=name, daemon=True)
        for name, work in {
            "live": lambda: walk_live(plan, Outbox(server, say, together=8), stop),
            "water": lambda: _water(plan, server, folder / LOCK_NAME, stop, say),
            "past": lambda: _past(plan, Outbox(server, say, together=4), stop, say),
        }.items()
    ]
    for thread in threads:
        thread.start()
    parent = os.getppid()
    while not stop.wait(1.0):
        if os.getppid() != parent:  # whoever started us is gone
            stop.now()
    for thread in threads:
        thread.join(5.0)


def _water(plan: Plan, server: Server, lock: Path, stop: Stop, say: Say) -> None:
    outbox = Outbox(server, say)
    outbox.put(past_levels(plan, utc_now()))
    while wait_s := outbox.send():
        if stop.wait(wait_s):
            return
    calm_live(plan, outbox, stop, lock=lock)


def _past(plan: Plan, outbox: Outbox, stop: Stop, say: Say) -> None:
    began = time.monotonic()
    told = walk_past(plan, outbox, stop)
    if told:
        say(f"Simulation: {told} positions of the days before, in {time.monotonic() - began:.0f} s")
