"""`geogrid incidents`: whether the chained steps say what they said; past cases of another system."""

from pathlib import Path
from typing import Annotated

import typer
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from incidents.models import Incident
from incidents.past_cases.importing import import_past_cases, write_refused
from incidents.past_cases.mapping import Wrong, read_mapping

app = typer.Typer(no_args_is_help=True, help="Incidents: verify the chain of their steps, import past cases.")
AT_ONCE = 2_000


@app.command("verify-chain")
def verify_chain(
    number: Annotated[str, typer.Option(help="Only this incident; all of them without it.")] = "",
) -> None:
    """Verify that no step was changed, put in or taken away. Names the first broken link; exit code 1
    then.
    """
    if number:
        only = Incident.objects.filter(number=number).values_list("id", flat=True).first()
        if only is None:
            typer.secho(f"There is no incident {number}. 没有案件 {number}。", err=True)
            raise typer.Exit(2)
        first, last = only - 1, only
    else:
        first, last = 0, Incident.objects.aggregate(last=Max("id"))["last"] or 0
    incidents = steps = unsealed = 0
    while first < last:
        upto = min(first + AT_ONCE, last)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT incidents, steps, unsealed, broken_incident, broken_step, fault"
                " FROM core.verify_steps(%s, %s)",
                [first, upto],
            )
            whole, links, old, broken_incident, broken_step, fault = cursor.fetchone()
        if fault is not None:
            typer.secho(
                f"Broken: incident {broken_incident}, step {broken_step}: {fault}.", fg=typer.colors.RED
            )
            raise typer.Exit(1)
        incidents, steps, unsealed, first = incidents + whole, steps + links, unsealed + old, upto
    typer.echo(f"Whole: {steps} steps of {incidents} incidents. 环节链完整。")
    if unsealed:
        typer.echo(
            f"{unsealed} incidents are older than the chain and not sealed yet (the worker seals them)."
        )


@app.command("import")
def import_past(
    file: Annotated[Path, typer.Argument(help="CSV with a head line, in UTF-8.")],
    mapping: Annotated[Path, typer.Option(help="TOML: which column says what, and classes by their words.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Where to list the rows that were not taken (CSV).")
    ] = None,
) -> None:
    """Import past cases of another system, with their own times. A second run changes nothing."""
    for path in (file, mapping):
        if not path.is_file():
            raise Invalid(f"没有文件 {path}。There is no file {path}.")
    try:
        known = read_mapping(mapping.read_text(encoding="utf-8"))
        with file.open(encoding="utf-8-sig", newline="") as rows:
            outcome = import_past_cases(
                rows, known, actor=System("import"), now=timezone.now(), dry_run=dry_run
            )
    except (Wrong, UnicodeDecodeError) as wrong:
        raise Invalid(str(wrong)) from wrong
    head = "Would be (dry run) 试运行" if dry_run else "Done 完成"
    typer.echo(
        f"{head}: {outcome.rows} rows 行; {outcome.added} added 新增, {outcome.known} known before 已有, "
        f"{outcome.unplaced} without a place 无坐标, {len(outcome.refused)} refused 未导入"
    )
    for one in outcome.refused[:20]:
        typer.echo(f"  line {one.line} {one.number}: {one.why}", err=True)
    if outcome.refused:
        listed = report or file.with_suffix(".refused.csv")
        write_refused(outcome.refused, listed)
        typer.echo(f"Report 报告: {listed}")
