"""Find the server processes that belong to one data folder."""

import contextlib
import os
import select
import signal
from pathlib import Path

from geogrid.embedded.errors import EmbeddedDatabaseError


def postmaster_pid(data: Path) -> int | None:
    """The main process that serves this data folder, or None.

    The pid file alone proves nothing: after a crash its number may belong to another program by now.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _serves(pid, data) else None


def _serves(pid: int, data: Path) -> bool:
    with contextlib.suppress(OSError):
        working_folder = str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)")
        command = Path(f"/proc/{pid}/comm").read_text()
        return Path(working_folder) == data.resolve() and "postgres" in command
    return False


def runs_replaced_program(pid: int) -> bool:
    """Whether a package upgrade has replaced the program this process runs."""
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{pid}/exe").readlink()).endswith(" (deleted)")
    return False


def end_orphans(data: Path, *, patience_s: float = 10.0) -> None:
    """Wait for what a killed server left, then end it: no two servers may ever write one data folder."""
    for pid in _all_pids():
        if _serves(pid, data) and not ended_within(pid, patience_s):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            if not ended_within(pid, patience_s):
                raise EmbeddedDatabaseError(
                    f"Process {pid} of a dead server still uses {data}, and does not end."
                )


def ended_within(pid: int, seconds: float) -> bool:
    """Wait for a process that is no child of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([handle], [], [], seconds)
    finally:
        os.close(handle)
    return bool(ready)


def _all_pids() -> list[int]:
    try:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    except OSError:
        return []
