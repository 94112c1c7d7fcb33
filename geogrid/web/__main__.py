"""`python -m geogrid.web`: one server process, as `geogrid up` and `geogrid demo` start it."""

from pathlib import Path
from typing import Annotated

import typer

from geogrid.web.serve import RefusedToServe, serve


def main(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    cert: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS private key (PEM, PKCS#8).")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core if not given.")] = None,
) -> None:
    """Serve GeoGrid until stopped."""
    try:
        serve(host, port, cert, key, workers)
    except RefusedToServe as refused:
        typer.echo(f"Error: {refused}", err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    typer.run(main)
