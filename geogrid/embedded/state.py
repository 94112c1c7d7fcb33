"""What GeoGrid remembers of its private cluster: one JSON file only its owner can read."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from geogrid.embedded.errors import EmbeddedDatabaseError

FILE_NAME = "state.json"


@dataclass
class ClusterState:
    """Contents of state.json. `bootstrapped` maps a database to the digest of the script it was given.

    `listens` is the address opened for analysts, empty without one.
    """

    data: str
    host: str = "127.0.0.1"
    port: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    bootstrapped: dict[str, str] = field(default_factory=dict)
    listens: str = ""

    def save(self, root: Path) -> None:
        """Replace the file in one step, so that a reader sees the old or the new one whole."""
        new = root / f"{FILE_NAME}.{os.getpid()}"
        handle = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file, indent=1)
            file.flush()
            os.fsync(handle)
        new.replace(root / FILE_NAME)


def load_state(root: Path) -> ClusterState | None:
    """The state of the cluster in this folder, or None when there is no cluster yet."""
    try:
        text = (root / FILE_NAME).read_text()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise EmbeddedDatabaseError(
            f"{root / FILE_NAME} belongs to another account: run GeoGrid as the account that made this "
            "cluster, or point GEOGRID_PG_ROOT to a folder of your own."
        ) from None
    try:
        return ClusterState(**json.loads(text))
    except (ValueError, TypeError):
        raise EmbeddedDatabaseError(
            f"{root / FILE_NAME} is damaged: restore it from a copy, or restore a backup."
        ) from None
