"""What is wrong with rows of a table, in words that say where and what to do, in zh and en."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from geogrid.core.errors import Invalid


@dataclass(frozen=True)
class Words:
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one row. `row` is the number the spreadsheet program shows."""

    row: int
    column: str
    reason: Words
    advice: Words

    def __str__(self) -> str:
        where = f"row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason.en} {self.advice.en} / {self.reason.zh}{self.advice.zh}"


@dataclass
class Findings:
    """All that is wrong with one file."""

    found: list[Finding] = field(default_factory=list)

    def add(self, row: int, column: str, reason: Words, advice: Words) -> None:
        self.found.append(Finding(row, column, reason, advice))

    def rows(self) -> set[int]:
        """Numbers of the rows that cannot be taken."""
        return {finding.row for finding in self.found}

    def write_csv(self, path: Path) -> None:
        """The report as a table that spreadsheet programs open with the right characters."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["row", "column", "reason_zh", "reason_en", "advice_zh", "advice_en"])
            for one in sorted(self.found, key=lambda finding: (finding.row, finding.column)):
                writer.writerow(
                    [one.row, one.column, one.reason.zh, one.reason.en, one.advice.zh, one.advice.en]
                )


@dataclass(frozen=True)
class Tally:
    """What an import did. Nothing was written when `written` is false."""

    added: int
    updated: int
    unchanged: int
    findings: tuple[Finding, ...]
    written: bool

    @property
    def refused(self) -> int:
        """Number of rows that were not taken."""
        return len({finding.row for finding in self.findings})

    def __str__(self) -> str:
        verb = "" if self.written else " (nothing written)"
        return (
            f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged, "
            f"{self.refused} rows refused{verb}"
        )


class UnreadableFile(Invalid):
    """The file as a whole cannot be read. The message is in zh and en."""

    def __init__(self, said: Words) -> None:
        super().__init__(f"{said.en} / {said.zh}")


def first_lines(findings: Iterable[Finding], most: int = 20) -> list[str]:
    """The first findings as lines for a terminal."""
    listed = sorted(findings, key=lambda finding: (finding.row, finding.column))
    lines = [str(finding) for finding in listed[:most]]
    return [*lines, f"... and {len(listed) - most} more"] if len(listed) > most else lines
