"""The console command `geogrid`: the database, the first run, imports, the server and its worker."""

import os
import sys
from typing import Annotated

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


def _add_city_commands(app: typer.Typer) -> None:
    """What works on the city's rows, with Django ready."""
    from assets.importing import commands as asset_imports
    from assets.sensors.commands import mqtt
    from assets.terrain.commands import terrain
    from geogrid.clock.commands import worker
    from geogrid.setup.commands import init, templates
    from geogrid.simulate.commands import app as simulations
    from grid_units import commands as grid_commands
    from grid_units.duties.importing import commands as people_imports
    from grid_units.importing import commands as grid_imports
    from incidents import commands as incident_commands
    from incidents.clocks.commands import holidays
    from incidents.duty_list.commands import duty_list, preset

    imports = typer.Typer(
        no_args_is_help=True, help="Bring in files: grid, assets, roads, buildings, people..."
    )
    imports.command("grid")(grid_imports.grid)
    imports.command("assets")(asset_imports.assets)
    imports.command("roads")(asset_imports.roads)
    imports.command("buildings")(asset_imports.buildings)
    imports.command("terrain")(terrain)
    imports.command("organisations")(people_imports.organisations)
    imports.command("people")(people_imports.people)
    imports.command("duties")(people_imports.duties)
    imports.command("duty-list")(duty_list)
    imports.command("duty-list-preset")(preset)
    imports.command("holidays")(holidays)
    app.add_typer(imports, name="import")
    app.add_typer(grid_commands.app, name="grid")
    app.add_typer(incident_commands.app, name="incidents")
    app.add_typer(simulations, name="simulate")
    app.command()(init)
    app.command()(templates)
    app.command()(worker)
    app.command()(mqtt)


def main() -> None:
    """Entry point. Errors that a person can mend are one sentence and exit code 2."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)
    app.add_typer(database_app, name="db")
    _add_running_commands(app)
    if sys.argv[1:2] and sys.argv[1] in {"db", "demo", "up", "migrate"}:
        app()
        return
    _ready_django()
    _add_city_commands(app)
    from geogrid.core.errors import GeoGridError

    try:
        app()
    except GeoGridError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
