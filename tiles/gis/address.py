"""Where analysts find the database: the address it listens on for them, else loopback."""

from dataclasses import dataclass

from django.db import connection

from geogrid.embedded.listening import analysts_door


@dataclass(frozen=True)
class DatabaseAddress:
    """What goes into a connection of QGIS. fingerprint: SHA-256 of the certificate, empty without one."""

    host: str
    port: int
    database: str
    ssl_mode: str
    fingerprint: str


def database_address() -> DatabaseAddress:
    """The address opened by `geogrid db listen`, else the one that the application itself uses."""
    settings = connection.settings_dict
    door = analysts_door()
    return DatabaseAddress(
        host=door.address if door else str(settings["HOST"] or "localhost"),
        port=int(settings["PORT"] or 5432),
        database=str(settings["NAME"]),
        ssl_mode="require" if door else "prefer",
        fingerprint=door.fingerprint if door else "",
    )
