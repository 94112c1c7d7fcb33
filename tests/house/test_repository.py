"""Facts about the repository that would rot unseen."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (".py", ".ts", ".svelte", ".sql")
FREE = re.compile(r"(^|/)(migrations|tests)/|schema\.ts$")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def test_no_file_of_code_holds_two_ideas():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in CODE and not FREE.search(str(path.relative_to(ROOT)))
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_no_lock_says_where_a_package_is_fetched_from():
    locks = [path for path in tracked() if path.name.endswith(".lock") or path.name == "package-lock.json"]

    naming = [
        path.name
        for path in locks
        if re.search(r"\"resolved\": \"http|file:///|--(extra-)?index-url|--find-links", path.read_text())
    ]

    assert locks
    assert naming == []


def test_the_top_level_holds_only_what_was_agreed():
    rooms = "geogrid grid_units assets incidents tiles data frontend tests docker docs scripts"
    files = "pyproject.toml README.md CHANGELOG.md manage.py Makefile .ci .gitignore .dockerignore"
    locks = "requirements.in requirements.lock requirements-dev.in requirements-dev.lock"
    agreed = {*rooms.split(), *files.split(), *locks.split()}

    found = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert found - agreed == set()
