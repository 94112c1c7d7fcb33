"""A QGIS that tests speak to: the system's Python, without a screen, with a profile of its own."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSIDE = Path(__file__).with_name("inside.py")
PYTHON = "/usr/bin/python3"  # the one for which Debian builds QGIS
NOT_INHERITED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "PROJ_LIB",
    "PROJ_DATA",
    "GDAL_DATA",
    "LD_LIBRARY_PATH",
)


class Desk:
    """One running QGIS."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self.folder = process, folder
        self.version: str = self._answer()["version"]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            said = (self.folder / "stderr").read_text(errors="replace")[-2000:]
            raise AssertionError(f"QGIS has ended: {said}")
        answer: dict[str, Any] = json.loads(line)
        assert "broken" not in answer, answer["broken"]
        return answer

    def ask(self, what: str, **arguments: Any) -> Any:
        """What tests/qgis/inside.py says to this request."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": what, "with": arguments}) + "\n")
        self._process.stdin.flush()
        return self._answer()["said"]


@contextmanager
def running_desk(password: str = "", environment: dict[str, str] | None = None) -> Iterator[Desk]:
    """A QGIS at which somebody types `password` whenever it asks for one."""
    kept = {
        name: value for name, value in os.environ.items() if name not in NOT_INHERITED and name[:2] != "PG"
    }
    with tempfile.TemporaryDirectory(prefix="geogrid-qgis-") as made:
        folder = Path(made)
        with (folder / "stderr").open("w") as errors:
            process = subprocess.Popen(
                [PYTHON, "-B", str(INSIDE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={
                    **kept,
                    "HOME": made,
                    "XDG_RUNTIME_DIR": made,
                    "QGIS_CUSTOM_CONFIG_PATH": made,
                    "QT_QPA_PLATFORM": "offscreen",
                    "LC_ALL": "C.UTF-8",
                    "QGIS_TYPED_PASSWORD": password,
                    **(environment or {}),
                },
            )
            try:
                yield Desk(process, folder)
            finally:
                if process.stdin:
                    process.stdin.close()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)
                if process.stdout:
                    process.stdout.close()
