"""`geogrid incidents`: whether the chained steps say what they said."""

from typing import Annotated

import typer
from django.db import connection
from django.db.models import Max

from incidents.models import Incident

app = typer.Typer(no_args_is_help=True, help="Incidents: verify the chain of their steps.")
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
