"""A start that has nothing to migrate is known without Django."""

from pathlib import Path
from typing import Any

import pytest

from geogrid.embedded import tables
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.tables import are_current, has_whole_demo, note_current, schema_fingerprint
from geogrid.embedded.testing import fresh_database


def test_tables_are_current_once_noted_and_until_the_code_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_database() as database:
        assert not are_current(database.app.url())

        note_current(database.owner.url())
        assert are_current(database.app.url())

        monkeypatch.setattr(tables, "schema_fingerprint", lambda: "another")
        assert not are_current(database.app.url())


def test_the_fingerprint_follows_a_file_of_sql(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "assets/migrations/sql").mkdir(parents=True)
    (tmp_path / "requirements.lock").touch()
    file = tmp_path / "assets/migrations/sql/0001.sql"
    monkeypatch.setattr(tables, "REPOSITORY", tmp_path)

    def told(text: str) -> str:
        file.write_text(text)
        return schema_fingerprint()

    assert told("SELECT 1") != told("SELECT 2")
    assert told("SELECT 1") == told("SELECT 1")


def test_a_city_without_a_history_is_not_whole(test_database: Any) -> None:
    assert not has_whole_demo(test_database.app.url())


def test_a_database_that_does_not_answer_is_said_in_a_sentence() -> None:
    with pytest.raises(EmbeddedDatabaseError, match="does not answer"):
        are_current("postgresql://nobody@127.0.0.1:1/none")
