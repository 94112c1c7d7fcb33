"""A WSGI application behind our shell that says what it got, for tests of the shell itself."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geogrid.web.shell import Shell, healthy

# Each request that reaches the WSGI application leaves a line here.
REACHED = Path(os.environ.get("GEOGRID_ECHO_LOG", os.devnull))


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    with REACHED.open("a") as log:
        log.write(f"{environ['PATH_INFO']} {len(body)}\n")
    told = {
        "method": environ["REQUEST_METHOD"],
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


application = Shell(echo, exact={"/healthz": healthy}, under={})
