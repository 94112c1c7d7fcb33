"""Starts granian on the application."""

import os
from pathlib import Path

from geogrid.running import is_loopback


class RefusedToServe(Exception):
    """What was asked for is not safe or not there. The message is a sentence for the operator."""


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    cert: Path | None = None,
    key: Path | None = None,
    workers: int | None = None,
) -> None:
    """Serve until the process is told to stop. `workers`: one per core, one in the demo, unless given.

    Raises:
        RefusedToServe: when the address is not loopback and there is no certificate, or a file is missing.
    """
    if bool(cert) != bool(key):
        raise RefusedToServe("--cert and --key go together.")
    if not is_loopback(host) and not cert:
        raise RefusedToServe(
            "Plain HTTP stays on loopback: give --cert and --key, or use the proxy in docker/."
        )
    for path in (cert, key):
        if path and not path.is_file():
            raise RefusedToServe(f"There is no file {path}.")
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    if cert:
        os.environ["GEOGRID_TLS"] = "1"
    demo = os.environ.get("GEOGRID_DEMO", "").lower() in {"1", "true", "yes", "on"}
    Server(
        "geogrid.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers or (1 if demo else os.cpu_count() or 1),
        websockets=False,
        log_level=LogLevels.warning,
        ssl_cert=cert,
        ssl_key=key,
        workers_kill_timeout=5,
        respawn_failed_workers=True,
    ).serve()
