"""C7: views are rebuilt while an analyst edits: the session lives, and no grant is lost."""

import threading
from contextlib import closing
from typing import Any

import pytest

from assets.models import Building
from tests.gis.city import Analyst
from tests.gis.test_editing import run
from tests.tiles.test_published import folder, publish

__all__ = ["folder"]

GRANTS = """
SELECT c.relname, a.grantee::regrole::text, a.privilege_type
FROM pg_class c
CROSS JOIN LATERAL aclexplode(c.relacl) a
WHERE c.relnamespace = 'gis'::regnamespace AND a.grantee <> c.relowner
ORDER BY 1, 2, 3
"""


@pytest.fixture
def renamed(folder) -> Any:
    """The published files with a column of the buildings renamed, and one added to the cells."""
    path = folder / "gis.building.sql"
    text = path.read_text()
    path.write_text(
        text.replace("b.households_derived,", "b.households_derived AS is_estimated,").replace(
            "gis.building.households_derived", "gis.building.is_estimated"
        )
    )
    path = folder / "gis.cell.sql"
    path.write_text(
        path.read_text().replace("    c.geom\nFROM", "    c.geom,\n    c.area_m2 / 10000 AS area_ha\nFROM")
    )
    return folder


def test_an_analyst_edits_before_during_and_after_a_migration(renamed, near: Analyst, server, owner):
    with closing(near.connect(server)) as qgis, closing(near.connect(server)) as second:
        [(pid,)] = run(qgis, "SELECT pg_backend_pid()")
        run(owner, f'GRANT UPDATE (name) ON gis.building TO "{near.name}"')
        run(owner, f'GRANT TRIGGER ON gis.building TO "{near.name}"')
        before = run(owner, GRANTS)
        run(qgis, "PREPARE kept AS SELECT count(*) FROM gis.building")
        [(house, name)] = run(qgis, "SELECT id, name FROM gis.building")
        # A feature was read and is being changed; another window holds a lock for a moment.
        second.autocommit = False
        run(second, "SELECT count(*) FROM gis.building")
        let_go = threading.Timer(2.5, second.commit)
        let_go.start()

        made = publish(renamed)

        let_go.join()
        run(qgis, "UPDATE gis.building SET name = %s WHERE id = %s", f"{name}!", house)
        assert run(qgis, "SELECT is_estimated FROM gis.building WHERE id = %s", house) == [(False,)]
        run(qgis, "UPDATE gis.cell SET name = 'x' WHERE area_ha > 0")
        assert made == ["gis.building", "gis.cell"]
        assert run(qgis, "SELECT pg_backend_pid()") == [(pid,)]
        assert run(qgis, "EXECUTE kept") == [(1,)]
        assert run(owner, GRANTS) == before
        assert Building.objects.get(pk=house).name == f"{name}!"
        run(owner, f'REVOKE ALL ON gis.building FROM "{near.name}"')


def test_grants_stay_as_they_are_when_nothing_changes(folder, owner):
    before = run(owner, GRANTS)

    publish(folder)

    assert before
    assert run(owner, GRANTS) == before
