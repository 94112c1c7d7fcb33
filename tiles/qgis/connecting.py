"""Files that join an analyst's own QGIS to the city: project, connections, entry of pg_service.conf."""

from django.utils import timezone

from geogrid.core.errors import NotFound
from geogrid.organisations.models import User
from tiles.gis.address import database_address
from tiles.gis.models import AnalystRole
from tiles.qgis.keeping import the_place
from tiles.qgis.project import packed, project
from tiles.qgis.sources import SERVICE, Door
from tiles.qgis.xml import element, written

CONNECTION = "GeoGrid"


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


def door_of(user: User) -> Door:
    """How this person's QGIS reaches the database.

    Raises:
        NotFound: when the person has no role.
    """
    address = database_address()
    return Door(address.host, address.port, address.database, role_of(user), address.ssl_mode)


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
