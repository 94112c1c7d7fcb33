"""Any sequence of edits that people may send by SQL leaves the grid sound (Hypothesis, real PostGIS)."""

import random
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from geogrid.embedded.testing import TestDatabase
from tests.grid_units.invariants import Coverage, coverage, faults_in_codes, faults_inside
from tests.grid_units.made_up_city import fill, made_up_city
from tests.grid_units.random_edits import EDITS, target

COLUMNS, ROWS, BLOCK = 6, 5, 3


class GridEditors(RuleBasedStateMachine):
    """Edits in transactions of one to three, committed or rolled back, by one client."""

    url = ""
    edits = 0

    def __init__(self) -> None:
        super().__init__()
        self.connection = psycopg2.connect(self.url)
        self.cursor = self.connection.cursor()
        self._start_again()
        self.first = self._sound()

    def _start_again(self) -> None:
        """The same made-up city, whatever the example before has left."""
        self.cursor.execute("SELECT core.permit_extent_change('start again')")
        self.cursor.execute("DELETE FROM cell")
        self.cursor.execute("DELETE FROM cell_version")
        for level in ("COMMUNITY", "STREET", "DISTRICT"):
            self.cursor.execute("DELETE FROM grid_unit WHERE level = %s", [level])
        self.connection.commit()
        fill(self.cursor, made_up_city(COLUMNS, ROWS, BLOCK))
        self.connection.commit()

    @classmethod
    def run_many(cls, examples: int, steps: int) -> int:
        """Run so many examples of so many steps; returns the number of edits tried."""
        cls.edits = 0
        run_state_machine_as_test(
            cls,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        return cls.edits

    @rule(name=st.sampled_from(sorted(EDITS)), seed=st.integers(0, 2**32 - 1))
    def edit(self, name: str, seed: int) -> None:
        self._apply([name], seed)

    @rule(
        names=st.lists(st.sampled_from(sorted(EDITS)), min_size=2, max_size=3), seed=st.integers(0, 2**32 - 1)
    )
    def several_edits_in_one_transaction(self, names: list[str], seed: int) -> None:
        self._apply(names, seed)

    @rule(name=st.sampled_from(sorted(EDITS)), seed=st.integers(0, 2**32 - 1))
    def an_edit_taken_back(self, name: str, seed: int) -> None:
        before = self._rows()

        self._apply([name], seed, commit=False)
        self.connection.rollback()

        assert self._rows() == before

    @precondition(lambda self: len(self._rows()) > 3)
    @rule(seed=st.integers(0, 2**32 - 1))
    def move_a_cell_to_another_community(self, seed: int) -> None:
        chance = random.Random(seed)
        cell = target(self.cursor, chance)
        self.cursor.execute("SELECT id FROM grid_unit WHERE level = 'COMMUNITY' ORDER BY id")
        community = chance.choice([unit_id for (unit_id,) in self.cursor.fetchall()])
        self.cursor.execute("UPDATE cell SET community_id = %s WHERE id = %s", [community, cell.cell_id])
        self.connection.commit()

    @rule(seed=st.integers(0, 2**32 - 1))
    def change_an_attribute(self, seed: int) -> None:
        cell = target(self.cursor, random.Random(seed))
        self.cursor.execute("UPDATE cell SET households = %s WHERE id = %s", [seed % 1000, cell.cell_id])
        self.connection.commit()

    @invariant()
    def the_grid_is_sound(self) -> None:
        now = self._sound()
        assert (now.parts, now.holes) == (self.first.parts, self.first.holes)
        assert abs(now.area_m2() - self.first.area_m2()) < self.first.rim_m * 2.0**-27 * 111_320

    def _apply(self, names: list[str], seed: int, commit: bool = True) -> None:
        chance = random.Random(seed)
        try:
            for name in names:
                cell = target(self.cursor, chance)
                type(self).edits += 1
                for statements in EDITS[name](cell, chance, self.cursor) or []:
                    for statement in statements:
                        self.cursor.execute(*statement)
            if commit:
                self.connection.commit()
        except psycopg2.errors.CheckViolation as refusal:
            self.connection.rollback()
            assert "cell" in str(refusal).lower()

    def _sound(self) -> Coverage:
        now, faults = coverage(self.cursor)
        faults += faults_inside(self.cursor) + faults_in_codes(self.cursor)
        self.connection.rollback()
        assert faults == []
        return now

    def _rows(self) -> list[Any]:
        self.cursor.execute("SELECT id, code, community_id, geom FROM cell ORDER BY id")
        rows = self.cursor.fetchall()
        self.connection.rollback()
        return rows

    def teardown(self) -> None:
        self.connection.close()


@pytest.fixture
def grid_editors(test_database: TestDatabase, transactional_db: None) -> Iterator[type[GridEditors]]:
    class Editors(GridEditors):
        url = test_database.owner.url()

    yield Editors


def test_any_sequence_of_edits_leaves_the_grid_sound(grid_editors: type[GridEditors]) -> None:
    assert grid_editors.run_many(examples=12, steps=12) > 100
