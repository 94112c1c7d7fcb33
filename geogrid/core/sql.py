"""SQL kept in .sql files beside the code that runs it."""

from functools import cache
from pathlib import Path


@cache
def statement(folder: Path, name: str) -> str:
    """Text of `folder/name.sql`, read once per process."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")
