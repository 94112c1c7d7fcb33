"""The console command `geogrid`: the database, the first run, imports, the server and its worker."""

import os
import sys
from importlib import import_module
from typing import Annotated, Final

import typer

from geogrid.embedded.commands import app as database_app

HELP = "Running a city by its grid. Start with `geogrid demo`, or `geogrid init` for a city of your own."
LOOPBACK = "127.0.0.1"

Host = Annotated[
    str, typer.Option(help="Address to listen on; anything but loopback needs --cert and --key.")
]
Port = Annotated[int, typer.Option(help="Port to listen on; a free one is taken when it is in use.")]
Cert = Annotated[str | None, typer.Option(help="TLS certificate (PEM).")]
Key = Annotated[str | None, typer.Option(help="TLS private key (PEM).")]


def _ready_django(role: str = "app") -> None:
    """Make Django's models usable, logged in to the database as `role`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "geogrid.settings"
    os.environ["GEOGRID_DB_ROLE"] = role
    import django

    django.setup()


def _add_running_commands(app: typer.Typer) -> None:
    """demo, up, migrate, worker: they start processes, each of which makes its own Django ready."""

    @app.command()
    def demo(host: Host = LOOPBACK, port: Port = 8000, cert: Cert = None, key: Key = None) -> None:
        """Run the demonstration city: private PostGIS, central Helsinki, invented people, and the server."""
        from geogrid.running import run_city

        raise typer.Exit(run_city(demo=True, host=host, port=port, cert=cert, key=key))

    @app.command()
    def up(host: Host = LOOPBACK, port: Port = 8000, cert: Cert = None, key: Key = None) -> None:
        """Run a city of your own: database, migrations, server and worker."""
        from geogrid.running import run_city

        raise typer.Exit(run_city(demo=False, host=host, port=port, cert=cert, key=key))

    @app.command()
    def migrate() -> None:
        """Bring the tables and what is published up to date (as the owner of the tables)."""
        from geogrid.running import migrate as bring_up_to_date

        raise typer.Exit(bring_up_to_date())


# Commands that work on the city's rows, with Django ready: the module and what it has.
CITY_COMMANDS: Final = {
    "grid": ("grid_units.commands", "app"),
    "incidents": ("incidents.commands", "app"),
    "simulate": ("geogrid.simulate.commands", "app"),
    "init": ("geogrid.setup.commands", "init"),
    "templates": ("geogrid.setup.commands", "templates"),
    "worker": ("geogrid.clock.commands", "worker"),
    "mqtt": ("assets.sensors.commands", "mqtt"),
}
IMPORTS: Final = {
    "grid": ("grid_units.importing.commands", "grid"),
    "assets": ("assets.importing.commands", "assets"),
    "roads": ("assets.importing.commands", "roads"),
    "buildings": ("assets.importing.commands", "buildings"),
    "terrain": ("assets.terrain.commands", "terrain"),
    "organisations": ("grid_units.duties.importing.commands", "organisations"),
    "people": ("grid_units.duties.importing.commands", "people"),
    "duties": ("grid_units.duties.importing.commands", "duties"),
    "duty-list": ("incidents.duty_list.commands", "duty_list"),
    "duty-list-preset": ("incidents.duty_list.commands", "preset"),
    "holidays": ("incidents.clocks.commands", "holidays"),
}


def _add_city_commands(app: typer.Typer, words: list[str]) -> None:
    """Add the command that `words`, those on the command line, name, or for the help all of them.

    All of them load nearly all of the product: seconds, and a hundred megabytes.
    """
    imports = typer.Typer(
        no_args_is_help=True, help="Bring in files: grid, assets, roads, buildings, people..."
    )
    app.add_typer(imports, name="import")
    if words[:1] != ["import"]:
        _add(app, CITY_COMMANDS, words[:1])
    if not words or words[0] not in CITY_COMMANDS:
        _add(imports, IMPORTS, words[1:2])


def _add(app: typer.Typer, table: dict[str, tuple[str, str]], word: list[str]) -> None:
    for name in word if set(word) & table.keys() else table:
        module, attribute = table[name]
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)


def main() -> None:
    """Entry point. Errors that a person can mend are one sentence and exit code 2."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)
    app.add_typer(database_app, name="db")
    _add_running_commands(app)
    if sys.argv[1:2] and sys.argv[1] in {"db", "demo", "up", "migrate"}:
        app()
        return
    _ready_django()
    _add_city_commands(app, sys.argv[1:])
    from geogrid.core.errors import GeoGridError

    try:
        app()
    except GeoGridError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
