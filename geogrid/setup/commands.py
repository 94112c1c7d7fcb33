"""`geogrid init` and `geogrid templates`: the first run on a terminal."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from geogrid.core.errors import Conflict, Invalid
from geogrid.core.models import the_city
from geogrid.organisations.actions import first_login_path
from geogrid.organisations.models import User
from geogrid.setup.actions import CityNames, FirstAdministrator, found_city
from geogrid.setup.checklist import checklist
from geogrid.setup.imports import KINDS, bring_in
from grid_units.duties.importing.templates import write_templates
from grid_units.duties.models import Membership, has_administrator

PASSWORD_VARIABLE = "GEOGRID_ADMIN_PASSWORD"  # noqa: S105 (the name of a variable)

Name = Annotated[str, typer.Option(help="Name of the city, as people there write it.")]
NameEn = Annotated[str, typer.Option(help="Name of the city in English.")]
County = Annotated[str, typer.Option(help="Code of the county: the first part of every code.")]
Segments = Annotated[str, typer.Option(help="Digits of county, street, community and cell number.")]
Zone = Annotated[str, typer.Option(help="Time zone, such as Asia/Shanghai.")]
Admin = Annotated[str, typer.Option(help="Log-in name of the first administrator.")]
AdminName = Annotated[str, typer.Option(help="Their name.")]
Address = Annotated[str, typer.Option(help="What the server is called from outside, for log-in links.")]
SomeFile = Annotated[Path | None, typer.Option(help="A file to import; templates: `geogrid templates`.")]


def init(
    name: Name = "",
    name_en: NameEn = "",
    county_code: County = "",
    segments: Segments = "6,3,3,3",
    zone: Zone = "",
    admin: Admin = "",
    admin_name: AdminName = "",
    grid: SomeFile = None,
    organisations: SomeFile = None,
    people: SomeFile = None,
    duties: SomeFile = None,
    address: Address = "http://127.0.0.1:8000",
) -> None:
    """Set a city up: its name, the first administrator, and files. Asks for what is not given.

    The administrator's password comes from GEOGRID_ADMIN_PASSWORD or is asked for; without a terminal they
    get a one-time link. Run again, it imports the files that are given; nothing is doubled.
    """
    if has_administrator():
        typer.echo("This city is set up already.")
    else:
        _found(name, name_en, county_code, segments, zone, admin, admin_name, address)
    files = {"grid": grid, "organisations": organisations, "people": people, "duties": duties}
    chief = _an_administrator()
    for kind in KINDS:
        path = files[kind]
        if path is not None:
            done = bring_in(kind=kind, path=path, actor=chief, address=address)
            said = f"{kind}: {done.added} added, {done.updated} updated, {done.unchanged} unchanged"
            typer.echo(said + (f"; one-time log-in links: {done.links_file}" if done.links_file else ""))
    _say_what_is_missing()


def templates(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; it is made.")] = Path("templates"),
) -> None:
    """Write XLSX templates of organisations, people and duties."""
    for path in write_templates(folder):
        typer.echo(str(path))


def _ask(question: str, given: str, fallback: str = "") -> str:
    """What was given, else the answer of whoever sits at the terminal, else the fallback."""
    if given or not sys.stdin.isatty():
        return given or fallback
    return str(typer.prompt(question, default=fallback or None))


def _found(
    name: str,
    name_en: str,
    county_code: str,
    segments: str,
    zone: str,
    admin: str,
    admin_name: str,
    address: str,
) -> None:
    names = CityNames(
        name=_ask("城市名称 Name of the city", name),
        name_en=name_en,
        county_code=_ask("区县编码 County code", county_code),
        code_segments=_segments(segments),
        zone=_ask("时区 Time zone", zone, "Asia/Shanghai"),
    )
    username = _ask("管理员账号 Log-in name of the first administrator", admin, "admin")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and sys.stdin.isatty():
        password = typer.prompt(
            "密码 Password (10 characters or more)", hide_input=True, confirmation_prompt=True
        )
    chief = FirstAdministrator(username, admin_name, password)
    user = found_city(names=names, administrator=chief, at=timezone.now())
    typer.echo(f"{names.name}: set up. Administrator: {user.username}")
    if password is None:
        typer.echo(f"Set the password here: {address.rstrip('/')}{first_login_path(user)}")


def _segments(said: str) -> list[int]:
    parts = said.replace(" ", ",").split(",")
    if not all(part.isdecimal() for part in parts):
        raise Invalid(f"--segments: four numbers such as 6,3,3,3, not {said}.")
    return [int(part) for part in parts]


def _an_administrator() -> User:
    held = Membership.objects.in_force().administrators().order_by("id").select_related("user").first()
    user = held.user if held else User.objects.filter(is_superuser=True, is_active=True).first()
    if user is None:
        raise Conflict("No administrator can log in now. Make one: python manage.py createsuperuser")
    return user


def _say_what_is_missing() -> None:
    city = the_city()
    typer.echo(f"\n{city.name if city else ''}")
    for item in checklist(timezone.now()):
        typer.echo(f"  {'✓' if item.done else '·'} {item.zh}\n    {item.en}")
