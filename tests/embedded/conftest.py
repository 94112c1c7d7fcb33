"""Clusters of their own for the tests that start, kill and restore one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geogrid.embedded.cluster import PORTS, Cluster
from geogrid.embedded.state import load_state


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every account may enter; pytest's own tmp_path is closed to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="geogrid-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def cluster(open_folder: Path) -> Iterator[Cluster]:
    """A cluster that has not been made yet; stopped and removed afterwards."""
    cluster = Cluster(open_folder / "pg", durable=False, first_port=first_port())
    yield cluster
    stop_and_remove(cluster)


def first_port() -> int:
    """Ports of this process alone, below those the system hands out: tests beside it stop and start too."""
    return 20_000 + os.getpid() % 150 * PORTS


def stop_and_remove(cluster: Cluster) -> None:
    state = load_state(cluster.root)
    cluster.stop()
    if state:
        shutil.rmtree(Path(state.data).parent)
