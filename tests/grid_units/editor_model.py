"""The model of the browser's editor (frontend/src/workshop/model), run by Node: one JSON document a line."""

import json
import subprocess
from pathlib import Path
from typing import Any

from geogrid.embedded.paths import REPOSITORY

FRONTEND = REPOSITORY / "frontend"
Rings = list[list[list[int]]]


def bundle(folder: Path) -> Path:
    """The harness and the model as one file that Node runs."""
    made = folder / "editor_model.mjs"
    subprocess.run(
        ["node", "node_modules/rolldown/bin/cli.mjs", "tests/workshop/harness.ts", "--file", str(made),
         "--platform", "node", "--format", "esm"],
        cwd=FRONTEND, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return made


class EditorModel:
    """A running model; ended by `close`."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        assert isinstance(said, dict)
        return said

    def load(self, cells: list[dict[str, Any]], seed: int) -> None:
        """Cells as `/api/workshop/grid` tells them."""
        self.ask(
            seed=seed,
            load=[{**cell, "community": cell["community_id"]} for cell in cells],
        )

    def edit(self, extends: bool = False) -> dict[str, Any]:
        """One random edit: {verb, refusal, body}; `body` as the browser sends it, None: nothing changed."""
        return self.ask(edit={"extends": extends})

    def rename(self, names: list[tuple[str, str, str]]) -> None:
        """Cells that have another key from now on: (from, to, code)."""
        if names:
            self.ask(rename=[{"from": a, "to": b, "code": code} for a, b, code in names])

    def cells(self) -> dict[str, dict[str, Any]]:
        return {cell["key"]: cell for cell in self.ask(dump=True)["cells"]}

    def faults(self) -> list[str]:
        """What the model's own judge, which shares no code with its proof, finds wrong with all of it."""
        return list(self.ask(audit=True)["faults"])

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(20)


def turned(rings: Rings) -> tuple[str, ...]:
    """Rings as text, each from its least corner on: equal when the outlines are, corner by corner."""
    found = []
    for ring in rings:
        start = ring.index(min(ring))
        found.append(json.dumps(ring[start:] + ring[:start]))
    return (found[0], *sorted(found[1:]))
