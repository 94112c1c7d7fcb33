"""`geogrid worker`: the clock, the jobs and the sending of messages, in one process."""

import threading

from geogrid.clock import loop
from geogrid.clock.jobs import LockedWorker
from incidents.automatic import filing
from incidents.messages import sending


def worker() -> None:
    """Run the clock and take up jobs, until stopped. A second one on another machine shares the jobs."""
    stop = threading.Event()
    clock = threading.Thread(target=loop.run, args=[stop], name="clock", daemon=True)
    clock.start()
    sender = threading.Thread(target=sending.run, args=[stop], name="sender", daemon=True)
    sender.start()
    filer = threading.Thread(target=filing.run, args=[stop], name="filer", daemon=True)
    filer.start()
    jobs = LockedWorker()
    jobs.configure_signals()
    try:
        jobs.run()
    finally:
        stop.set()
        clock.join(timeout=10)
        sender.join(timeout=10)
        filer.join(timeout=10)
