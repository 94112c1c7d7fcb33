"""Files that join an analyst's own QGIS to the city: project, connections, entry of pg_service.conf."""

import os

from django.conf import settings
from django.utils import timezone

from geogrid.core.errors import NotFound
from geogrid.organisations.models import User
from tiles.gis.models import AnalystRole
from tiles.qgis.keeping import the_place
from tiles.qgis.project import packed, project
from tiles.qgis.sources import SERVICE, Door
from tiles.qgis.xml import element, written

CONNECTION = "GeoGrid"
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "")
ADDRESS_VARIABLE = "GEOGRID_ANALYST_ADDRESS"


def role_of(user: User) -> str:
    """Name of the person's database role.

    Raises:
        NotFound: when there is none that can log in.
    """
    role = AnalystRole.objects.in_force(timezone.now()).filter(user=user).first()
    if role is None:
        raise NotFound(
            "You have no access to the database yet. Make it on the page “Connect QGIS” first. "
            "您还没有数据库账号,请先在“连接 QGIS”页面开通。"
        )
    return role.role_name


def address_for(web_host: str) -> tuple[str, int]:
    """Host and port at which analysts reach the database.

    What the operator set in GEOGRID_ANALYST_ADDRESS (`host:port`); else the server's own database address. An
    address that only this machine knows is replaced by the one under which the person sees the web pages.
    """
    database = settings.DATABASES["default"]
    host, port = str(database["HOST"]), int(database["PORT"])
    if said := os.environ.get(ADDRESS_VARIABLE, ""):
        host, _, digits = said.rpartition(":")
        host, port = (host, int(digits)) if host and digits.isdigit() else (said, port)
        return host, port
    return (web_host if host in _LOOPBACK and web_host not in _LOOPBACK else host or "127.0.0.1"), port


def door_of(user: User, web_host: str) -> Door:
    """How this person's QGIS reaches the database. Beyond this machine only with TLS.

    Raises:
        NotFound: when the person has no role.
    """
    host, port = address_for(web_host)
    sslmode = "prefer" if host in _LOOPBACK else "require"
    return Door(host, port, str(settings.DATABASES["default"]["NAME"]), role_of(user), sslmode)


def personal_project(door: Door, language: str, origin: str) -> bytes:
    """The .qgz of one person: opens with a double-click and asks for the password."""
    return packed(project(door, the_place(), language, origin), "geogrid")


def connections(door: Door) -> str:
    """What QGIS's browser imports under PostgreSQL > Load Connections."""
    one = element(
        "postgis",
        name=CONNECTION,
        host=door.host,
        port=door.port,
        database=door.database,
        service="",
        sslmode="SslRequire" if door.sslmode == "require" else "SslPrefer",
        estimatedMetadata="true",
        projectsInDatabase="true",
        publicOnly="false",
        geometryColumnsOnly="false",
        dontResolveType="false",
        allowGeometrylessTables="true",
        saveUsername="true",
        username=door.role,
        savePassword="false",
        password="",
    )
    return "<!DOCTYPE connections>\n" + written(element("qgsPgConnections", one, version="1.0"))


def service_entry(door: Door) -> str:
    """Lines for ~/.pg_service.conf (Windows: %APPDATA%\\postgresql\\.pg_service.conf)."""
    lines = {
        "host": door.host,
        "port": door.port,
        "dbname": door.database,
        "user": door.role,
        "sslmode": door.sslmode,
    }
    return f"[{SERVICE}]\n" + "".join(f"{name}={value}\n" for name, value in lines.items())
