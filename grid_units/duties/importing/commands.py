"""`geogrid import organisations|people|duties FILE`."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from geogrid.core.actor import System
from grid_units.duties.importing.columns import PEOPLE
from grid_units.duties.importing.findings import Findings, Tally, first_lines
from grid_units.duties.importing.links import people_without_password, write_links
from grid_units.duties.importing.sheets import read_rows
from grid_units.duties.importing.tables import import_table

ACTOR = System("import")

File = Annotated[
    Path, typer.Argument(help="An XLSX or CSV file; `geogrid templates` writes ones to fill in.")
]
Partial = Annotated[bool, typer.Option("--partial", help="Take the good rows although others are refused.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")]
Report = Annotated[Path | None, typer.Option(help="Where refused rows are listed (CSV).")]
Links = Annotated[Path | None, typer.Option(help="Where the one-time log-in links are written (mode 0600).")]
Address = Annotated[str, typer.Option(help="What the server is called from outside, for the links.")]


def _run(kind: str, file: Path, partial: bool, dry_run: bool, report: Path | None) -> Tally:
    tally = import_table(kind=kind, path=file, actor=ACTOR, partial=partial, dry_run=dry_run)
    typer.echo(f"{kind}: {tally}")
    if tally.findings:
        for line in first_lines(tally.findings):
            typer.echo(f"  {line}", err=True)
        listed = report or file.with_name(f"{file.stem}.report.csv")
        Findings(list(tally.findings)).write_csv(listed)
        typer.echo(f"All refused rows: {listed}", err=True)
    return tally


def _finish(tally: Tally) -> None:
    if tally.findings and not tally.written:
        raise typer.Exit(1)


def organisations(
    file: File, partial: Partial = False, dry_run: DryRun = False, report: Report = None
) -> None:
    """Import the table of units."""
    _finish(_run("organisations", file, partial, dry_run, report))


def people(
    file: File,
    partial: Partial = False,
    dry_run: DryRun = False,
    report: Report = None,
    links: Links = None,
    address: Address = "http://127.0.0.1:8000",
) -> None:
    """Import the table of people, and write a one-time log-in link for each who has no password yet."""
    tally = _run("people", file, partial, dry_run, report)
    if tally.written:
        waiting = people_without_password(row["username"] for row in read_rows(file, PEOPLE))
        if waiting:
            path = links or Path(settings.VAR_DIR) / "first-logins.csv"
            typer.echo(f"{write_links(path, waiting, address=address)} log-in links: {path}")
    _finish(tally)


def duties(file: File, partial: Partial = False, dry_run: DryRun = False, report: Report = None) -> None:
    """Import the table of duties. It says the whole duty of each person and role that it lists."""
    _finish(_run("duties", file, partial, dry_run, report))
