"""`geogrid simulate patrols|storm|citizens`: a rehearsal on the demonstration city, from a terminal."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from geogrid.simulate import storm as storms
from geogrid.simulate.citizens import report_live
from geogrid.simulate.demo import LOCK_NAME
from geogrid.simulate.doors import Outbox, Server
from geogrid.simulate.patrols import utc_now, walk_live
from geogrid.simulate.plan import SEED, Plan
from geogrid.simulate.stopping import Stop

app = typer.Typer(
    no_args_is_help=True,
    help="Simulate people and water in the demonstration city, through the public doors. Always labelled.",
)
Address = Annotated[str, typer.Option("--server", help="Where the city is served.")]
Minutes = Annotated[float | None, typer.Option(help="How long; without it until Ctrl-C.")]
Seed = Annotated[int, typer.Option(help="Another number gives another course.")]
HERE = "http://127.0.0.1:8000"


def prepare_plan() -> Path:
    """Make Django ready, prepare, and say where the plan lies. For a process that does only this."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")
    django.setup()
    from geogrid.simulate.preparing import plan_path, prepare

    prepare(utc_now())
    return plan_path()


def _prepared(seed: int) -> tuple[Plan, Path]:
    from dataclasses import replace

    from geogrid.simulate.preparing import plan_path, prepare

    return replace(prepare(utc_now()), seed=seed), plan_path().parent


def _server(address: str) -> Server:
    try:
        return Server(address)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--server") from error


def _finish(outbox: Outbox, stop: Stop) -> None:
    """Send what is left, for a while, and say what was sent."""
    for _ in range(60):
        wait_s = outbox.send()
        if not wait_s or stop.wait(wait_s):
            break
    outbox.close()
    taken = ", ".join(f"{count} to {path}" for path, count in sorted(outbox.taken.items())) or "nothing"
    typer.echo(f"Sent: {taken}; refused: {outbox.refused}; not sent: {len(outbox)}.")


def _run(address: str, work: Callable[[Outbox, Stop], object], *, together: int = 1) -> None:
    stop = Stop().on_signals()
    outbox = Outbox(_server(address), typer.echo, together=together)
    work(outbox, stop)
    _finish(outbox, stop)


@app.command()
def patrols(
    server: Address = HERE,
    minutes: Minutes = None,
    walkers: Annotated[int | None, typer.Option(help="At most so many people.", min=1)] = None,
    speed: Annotated[float, typer.Option(help="So many times as many positions.", min=0.1, max=100)] = 1.0,
    seed: Seed = SEED,
) -> None:
    """Let the people on duty walk the streets of their cells; with pauses, some drive, stray or fall silent.

    The demonstration does this by itself; GEOGRID_SIMULATION=off stops that.
    """
    plan, _ = _prepared(seed)
    now = utc_now()
    on_duty = sum(walker.shift_at(now) is not None for walker in plan.walkers)
    typer.echo(f"{min(on_duty, walkers or on_duty)} simulated people are on duty. Ctrl-C ends it.")
    until: datetime | None = now + timedelta(minutes=minutes) if minutes else None
    _run(
        server,
        lambda outbox, stop: walk_live(plan, outbox, stop, until=until, most=walkers, speed=speed),
        together=8,
    )


@app.command()
def storm(
    server: Address = HERE,
    speed: Annotated[
        float, typer.Option(help="Times as fast as the real flood; 300: six minutes.", min=1, max=20_000)
    ] = storms.SPEED,
    seed: Seed = SEED,
) -> None:
    """Let a storm pass: the levels of the low places follow a real flood, and fall again."""
    plan, folder = _prepared(seed)
    typer.echo(f"A simulated storm passes over {len(plan.levels())} low places. Ctrl-C ends it.")
    _run(
        server,
        lambda outbox, stop: storms.storm_live(
            plan, outbox, stop, lock=folder / LOCK_NAME, say=typer.echo, speed=speed
        ),
    )


@app.command()
def citizens(
    server: Address = HERE,
    every: Annotated[float, typer.Option(help="Seconds between two reports, about.", min=0.05)] = 20.0,
    count: Annotated[int | None, typer.Option(help="So many; else until Ctrl-C.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="The same number makes the same reports.")] = None,
) -> None:
    """Let citizens report: near the water, and at objects anywhere in the city."""
    plan, _ = _prepared(SEED)
    chance = random.Random(seed)
    typer.echo("Simulated citizens report. Ctrl-C ends it.")
    _run(
        server,
        lambda outbox, stop: report_live(plan, outbox, stop, every_s=every, most=count, chance=chance),
    )
