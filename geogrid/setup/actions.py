"""The first run: the city's own row and the first administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from assets.actions import load_catalogue
from geogrid.core.actor import System, name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership, has_administrator
from incidents.actions import load_event_classes
from incidents.clocks.actions import load_first_holidays
from incidents.duty_list.actions import load_duty_list

ACTOR = System("setup")
LONGEST_CODE = 15
_LOCK = (72101, 5)  # two first runs at once: the second finds an administrator


@dataclass(frozen=True)
class CityNames:
    """What the first run asks about the city."""

    name: str
    county_code: str
    zone: str
    name_en: str = ""
    code_segments: Sequence[int] = (6, 3, 3, 3)


@dataclass(frozen=True)
class FirstAdministrator:
    """What the first run asks about the first administrator. Without a password they get a one-time link."""

    username: str
    display_name: str = ""
    password: str | None = None


def found_city(*, names: CityNames, administrator: FirstAdministrator, at: datetime) -> User:
    """Write the city's row, load the classes and make the first administrator, in one transaction.

    Raises:
        Conflict: when somebody runs this city already.
        Invalid: with a sentence for each field that cannot be taken.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
        if has_administrator():
            raise Conflict("This city is set up already.")
        name_actor(ACTOR)
        _write_city(names)
        load_catalogue()
        load_event_classes()
        load_duty_list(actor=ACTOR, at=at)
        load_first_holidays(actor=ACTOR, at=at)
        user = _make_user(administrator)
        Membership.objects.create(user=user, role=Role.ADMINISTRATOR, unit_prefix="", valid_from=at)
    return user


def _write_city(names: CityNames) -> None:
    segments = [int(digits) for digits in names.code_segments]
    wrong: dict[str, list[str]] = {}
    if len(segments) != 4 or min(segments, default=0) < 1 or sum(segments) > LONGEST_CODE:
        wrong["code_segments"] = [f"Four numbers of at least 1, {LONGEST_CODE} in all."]
    elif not names.county_code.isascii() or not names.county_code.isdecimal():
        wrong["county_code"] = ["Digits only."]
    elif len(names.county_code) != segments[0]:
        wrong["county_code"] = [f"{segments[0]} digits, as the first part of a code has."]
    city = City(
        id=1,
        name=names.name.strip(),
        name_en=names.name_en.strip(),
        county_code=names.county_code,
        code_segments=segments,
        zone=names.zone,
    )
    try:
        city.full_clean(exclude=["id"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        wrong = {**error.message_dict, **wrong}
    if wrong:
        raise Invalid("Some answers about the city cannot be taken.", wrong)
    City.objects.update_or_create(
        id=1,
        defaults={
            "name": city.name,
            "name_en": city.name_en,
            "county_code": city.county_code,
            "code_segments": city.code_segments,
            "zone": city.zone,
        },
    )


def _make_user(asked: FirstAdministrator) -> User:
    user = User(username=asked.username.strip(), display_name=asked.display_name.strip(), language="")
    wrong: dict[str, list[str]] = {}
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        wrong |= error.message_dict
    if asked.password is None:
        user.set_unusable_password()
    else:
        try:
            validate_password(asked.password, user)
        except ValidationError as error:
            wrong["password"] = list(error.messages)
        user.set_password(asked.password)
    if wrong:
        raise Invalid("Some answers about the administrator cannot be taken.", wrong)
    user.save()
    return user
