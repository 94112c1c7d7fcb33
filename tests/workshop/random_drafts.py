"""What supervisors draw, at random: corners moved for all cells that have them, splits, merges, hand-overs.

In whole steps, as the editor keeps it: every edit leaves a seamless grid.
"""

import random
import secrets
from collections import defaultdict
from typing import Any

import shapely
from shapely import MultiLineString, Polygon

from geogrid.organisations.models import User
from grid_units.workshop import drafts, grid
from grid_units.workshop.edits import edit_of
from grid_units.workshop.models import Draft
from grid_units.workshop.rings import Net, add_net, difference, rings_of


class Drawing:
    """A grid that is being drawn on: outlines in steps, and the words of each cell."""

    def __init__(self, cells: grid.Grid, chance: random.Random) -> None:
        self.chance = chance
        self.shapes = {key: cell.steps for key, cell in cells.items() if cell.shape is not None}
        self.versions = {key: cell.version for key, cell in cells.items()}
        self.communities = {key: cell.community_id for key, cell in cells.items()}
        self.origins: dict[str, list[int]] = {key: list(cell.comes_from) for key, cell in cells.items()}
        self.corners: dict[tuple[int, int], set[str]] = defaultdict(set)
        net: Net = {}
        for key, shape in self.shapes.items():
            self._enter(key, shape)
            add_net(net, shape, 1)
        self.rim = {corner for segment in net for corner in segment}
        self.corner_list = sorted(set(self.corners) - self.rim)

    def _enter(self, key: str, shape: Polygon) -> None:
        for x, y in shapely.get_coordinates(shape):
            self.corners[int(x), int(y)].add(key)

    def edit(self) -> dict[str, Any] | None:
        """One random edit as the API takes it, already laid into this drawing; None when it did not fit."""
        kind = self.chance.choices(["move", "split", "merge", "hand over"], [8, 3, 2, 1])[0]
        made = {"move": self._move, "split": self._split, "merge": self._merge, "hand over": self._hand_over}[
            kind
        ]()
        if made is None:
            return None
        puts, removes = made
        body = {
            "idempotency_key": secrets.token_hex(12),
            "title": kind,
            "puts": [self._put(key, shape) for key, shape in puts.items()],
            "removes": [{"key": key, "version": self.versions[key]} for key in removes],
        }
        for key in removes:
            for keys in self.corners.values():
                keys.discard(key)
            del self.shapes[key]
        for key, shape in puts.items():
            for x, y in shapely.get_coordinates(self.shapes.get(key, shape)):
                self.corners[int(x), int(y)].discard(key)
            self.shapes[key] = shape
            self._enter(key, shape)
        return body

    def _put(self, key: str, shape: Polygon) -> dict[str, Any]:
        return {
            "key": key,
            "version": self.versions.get(key, 0),
            "community_id": self.communities[key],
            "kind": "GENERAL",
            "name": "",
            "households": None,
            "from": self.origins.get(key, []),
            "rings": rings_of(shapely.transform(shape, lambda c: c / 2.0**27)),
        }

    def _move(self) -> tuple[dict[str, Polygon], list[str]] | None:
        corner = self.chance.choice(self.corner_list)
        keys = sorted(self.corners[corner])
        reach = 9_000  # some 7 m
        to = (corner[0] + self.chance.randint(-reach, reach), corner[1] + self.chance.randint(-reach, reach))

        def moved(coordinates: Any) -> Any:
            there = (coordinates == corner).all(axis=1)
            coordinates[there] = to
            return coordinates

        if not keys or to in self.corners:
            return None
        puts = {key: shapely.transform(self.shapes[key], moved) for key in keys}
        return (puts, []) if self._is_seamless(keys, puts) else None

    def _split(self) -> tuple[dict[str, Polygon], list[str]] | None:
        key = self.chance.choice(sorted(self.shapes))
        shape = self.shapes[key]
        ring = [(int(x), int(y)) for x, y in shape.exterior.coords[:-1]]
        if shape.interiors or len(ring) < 6:
            return None
        start = self.chance.randrange(len(ring))
        ring = ring[start:] + ring[:start]
        half = len(ring) // 2
        one, other = Polygon(ring[: half + 1]), Polygon([*ring[half:], ring[0]])
        new = f"n{self.chance.randint(1, 10**12)}"
        puts = {key: one, new: other}
        if not self._is_seamless([key], puts):
            return None
        self.communities[new] = self.communities[key]
        self.origins[new] = [int(key[1:])] if key.startswith("c") else self.origins[key]
        return puts, []

    def _merge(self) -> tuple[dict[str, Polygon], list[str]] | None:
        key = self.chance.choice(sorted(self.shapes))
        corner = self.chance.choice([(int(x), int(y)) for x, y in shapely.get_coordinates(self.shapes[key])])
        others = sorted(
            k for k in self.corners[corner] - {key} if self.communities[k] == self.communities[key]
        )
        if not others:
            return None
        other = self.chance.choice(others)
        net = difference([], [self.shapes[key], self.shapes[other]])
        shape = shapely.build_area(MultiLineString(list(net)))
        if not isinstance(shape, Polygon) or difference([shape], [self.shapes[key], self.shapes[other]]):
            return None
        return {key: shape}, [other]

    def _hand_over(self) -> tuple[dict[str, Polygon], list[str]] | None:
        key = self.chance.choice(sorted(self.shapes))
        near = {k for x, y in shapely.get_coordinates(self.shapes[key]) for k in self.corners[int(x), int(y)]}
        others = sorted({self.communities[k] for k in near} - {self.communities[key]})
        if not others:
            return None
        self.communities[key] = self.chance.choice(others)
        return {key: self.shapes[key]}, []

    def _is_seamless(self, keys: list[str], puts: dict[str, Polygon]) -> bool:
        after = list(puts.values())
        return (
            all(shape.is_valid and shape.area > 10_000_000 for shape in after)
            and not difference([self.shapes[key] for key in keys], after)
            and bool(shapely.coverage_is_valid(after))
        )


def draw(draft: Draft, actor: User, edits: int, chance: random.Random) -> Drawing:
    """Save so many random edits in a draft."""
    drawing = Drawing(grid.draft_grid(draft), chance)
    done = 0
    while done < edits:
        body = drawing.edit()
        if body is not None:
            saved = drafts.save_edit(draft=draft, edit=edit_of(body), actor=actor)
            drawing.versions |= saved["versions"]
            done += 1
    return drawing
