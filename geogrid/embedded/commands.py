"""`geogrid db ...`: what the operator does with the database."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from geogrid.embedded import backup as backups
from geogrid.embedded import restore as restores
from geogrid.embedded.binaries import find_clients
from geogrid.embedded.bootstrap import DATABASE, bootstrap_cluster, bootstrap_script, foreign_passwords
from geogrid.embedded.cluster import Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.listening import open_door, shut_door
from geogrid.embedded.logins import run_sql
from geogrid.embedded.paths import cluster_root, media_root
from geogrid.embedded.private import start_private_database
from geogrid.embedded.urls import ROLES, database_url, login_for, uses_foreign_database

app = typer.Typer(name="db", help="The database: start, stop, look, back up, restore.", no_args_is_help=True)

RoleOption = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]


@contextmanager
def _sentences_for_errors() -> Iterator[None]:
    """What the operator can mend is told in a sentence, and the exit code is 1."""
    try:
        yield
    except EmbeddedDatabaseError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"Error: {error.strerror}: {error.filename}", err=True)
        raise typer.Exit(1) from None


def _progress(line: str) -> None:
    typer.echo(line, err=True)


@app.command()
def start() -> None:
    """Start the private PostGIS, making it first if need be."""
    with _sentences_for_errors():
        if not start_private_database(_progress):
            typer.echo("DATABASE_URL names another database: there is nothing to start here.")
            return
        login = login_for("app")
        typer.echo(f"Running on {login.host}:{login.port}, database {login.database}.")


@app.command()
def stop() -> None:
    """Stop the private PostGIS."""
    with _sentences_for_errors():
        stopped = Cluster(cluster_root()).stop()
        typer.echo("Stopped." if stopped else "It was not running.")


@app.command()
def status() -> None:
    """Say whether the database answers; the exit code is 3 when it does not."""
    with _sentences_for_errors():
        if not uses_foreign_database() and not Cluster(cluster_root()).is_running():
            typer.echo(f"Stopped: the private database in {cluster_root()} is not running.")
            raise typer.Exit(3)
        login = login_for("app")
        try:
            [[version, size]] = run_sql(
                find_clients().program("psql"),
                login,
                "SELECT postgis_lib_version(), pg_size_pretty(pg_database_size(current_database()));",
            )
        except EmbeddedDatabaseError as error:
            typer.echo(f"No answer from {login.url(with_password=False)}: {error}")
            raise typer.Exit(3) from None
        typer.echo(f"Running: {login.url(with_password=False)}, PostGIS {version}, {size}.")


@app.command()
def url(role: RoleOption = "app") -> None:
    """Print the URL of the database, password included."""
    with _sentences_for_errors():
        typer.echo(database_url(role) or login_for(role).url())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context, role: RoleOption = "app") -> None:
    """Open psql; what follows is handed to it: `geogrid db psql --role owner -c 'SELECT 1'`."""
    with _sentences_for_errors():
        login = login_for(role)
        program = find_clients().program("psql")
        sys.stdout.flush()
        os.execve(program, [program, login.url(with_password=False), *context.args], login.environment())  # noqa: S606


@app.command()
def bootstrap() -> None:
    """Make extensions, roles and rights.

    In the private database at once. With DATABASE_URL set: through DATABASE_SUPERUSER_URL
    when that is set too, else the SQL is printed, for a superuser to run with psql in that database.
    """
    with _sentences_for_errors():
        if not uses_foreign_database():
            cluster = Cluster(cluster_root(), say=_progress)
            cluster.start()
            done = bootstrap_cluster(cluster)
            typer.echo("Bootstrapped." if done else "Nothing to do: it has been bootstrapped.")
            return
        urls = [found for role in ROLES if role != "superuser" and (found := database_url(role))]
        script = bootstrap_script(foreign_passwords(urls))
        if database_url("superuser"):
            run_sql(find_clients().program("psql"), login_for("superuser"), script)
            typer.echo("Bootstrapped.")
            return
        typer.echo(script)


@app.command()
def listen(
    address: Annotated[
        str, typer.Argument(help="An IP address of this machine that analysts reach.", show_default=False)
    ] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Shut it again: loopback only.")] = False,
) -> None:
    """Let analysts come in from elsewhere: encrypted, with a password, under their own roles only.

    The private database is started again for it, which ends every session.
    """
    with _sentences_for_errors():
        if uses_foreign_database():
            raise EmbeddedDatabaseError("DATABASE_URL names another database: its operator opens it.")
        if stop == bool(address):
            raise EmbeddedDatabaseError("Name an address, or --stop.")
        cluster = Cluster(cluster_root(), say=_progress)
        if stop:
            typer.echo("Shut: loopback only." if shut_door(cluster) else "It was not open.")
            return
        door = open_door(cluster, address)
        typer.echo(f"Analysts reach {door.address}:{door.port}, database {DATABASE}, with TLS.")
        typer.echo(f"SHA-256 of its certificate: {door.fingerprint}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, e.g. geogrid-2026-05-01.tar.")],
) -> None:
    """Write database and photos into one archive."""
    with _sentences_for_errors():
        backups.back_up(file=file, login=login_for("owner"), media=media_root(), say=_progress)
        typer.echo(f"Wrote {file} ({file.stat().st_size / 1e6:.1f} MB).")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="An archive that `geogrid db backup` wrote.")]) -> None:
    """Restore an archive into an EMPTY database and an empty folder of photos."""
    with _sentences_for_errors():
        start_private_database(_progress)
        restores.restore(file=file, login=login_for("owner"), media=media_root(), say=_progress)
        typer.echo(
            "Restored. Run `geogrid migrate` next: it brings the tables up to this version of GeoGrid."
        )
