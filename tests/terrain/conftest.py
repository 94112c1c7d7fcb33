"""A town with a terrain whose one bowl lies in the middle of cell A."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets.terrain import actions
from assets.terrain.models import Terrain
from geogrid.core.actor import System
from tests.assets.conftest import as_user, lamp_class, town  # noqa: F401  fixtures of the assets' tests
from tests.assets.town import NOON
from tests.terrain.ground import geotiff, with_bowl


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for the files of terrains, and another as the inbox."""
    settings.TERRAIN_DIR = tmp_path / "terrain"
    settings.TERRAIN_INBOX = tmp_path / "inbox"
    settings.TERRAIN_INBOX.mkdir()
    return tmp_path / "terrain"


@pytest.fixture
def bring_in(db: None) -> Callable[..., Terrain]:
    """Registers heights as a terrain, made ready unless `ready=False`."""

    def bring(
        heights: Any, *, ready: bool = True, unit: str = "metre", how: Any = None, **more: Any
    ) -> Terrain:
        made = actions.register(
            file=geotiff(heights, **(how or {})),
            name="bowl",
            vertical_unit=unit,
            actor=System("test"),
            at=NOON,
            **more,
        )
        if ready:
            actions.make_ready(made, at=NOON)
            made.refresh_from_db()
        return made

    return bring


@pytest.fixture
def bowl(town: Any, bring_in: Callable[..., Terrain]) -> Terrain:  # noqa: F811
    return bring_in(with_bowl())
