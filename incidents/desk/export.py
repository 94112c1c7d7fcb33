"""A list of the desk as rows for a file (导出): what the person sees; no names of people, no contacts."""

from typing import Any

from django.db import connection
from django.utils import timezone

from geogrid.core.errors import Invalid
from geogrid.core.models import the_city
from geogrid.core.rows import RowsToWrite
from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from incidents.desk import listing
from incidents.desk.queues import Desk
from incidents.desk.rules import Order, Queue
from incidents.desk.serializers import DeskQuery

# A text that a spreadsheet would run as a formula is told apart by a sign before it.
_GUARD = "CASE WHEN {0} ~ '^[=+@\\t\\r-]' THEN '''' || {0} ELSE {0} END"
_TEXTS: dict[str, str] = {
    "number": "i.number",
    "class_code": "coalesce(k.code, e.code, '')",
    "class_zh": "coalesce(k.name, e.name, '')",
    "class_en": "coalesce(k.name_en, e.name_en, '')",
    "stage": "i.stage",
    "waiting": "i.waiting",
    "level": "i.level",
    "channel": "i.channel",
    "cell": "i.unit_code",
    "unit_code": "coalesce(o.code, '')",
    "unit": _GUARD.format("coalesce(o.name, '')"),
    "location_text": _GUARD.format("i.location_text"),
    "description": _GUARD.format("i.description"),
}
_WORDS = ("location_text", "description")
_ORDERS = {Order.NEWEST: "i.reported_at DESC", Order.URGENT: "coalesce(i.deadline_at, i.reported_at)"}
_MOMENTS = ("reported_at", "filed_at", "handled_at", "deadline_at")


def rows(user: User, said: dict[str, str], is_table: bool) -> RowsToWrite:
    """The rows of a list of the desk, as this person would see it now.

    Raises:
        Invalid: when the list cannot be asked for so.
    """
    desk, wanted = Desk(user, timezone.now()), wanted_from(said)
    if wanted.queue not in desk.queues:
        raise Invalid("You have no such queue. 您没有该队列。", {"queue": ["Not one of yours."]})
    found = listing.narrowed(desk, wanted).order_by()
    reads = scopes_of(user).reads_words  # else the words are empty, as on the screen
    city = the_city()
    zone = str(city.timezone) if city else "UTC"
    columns: list[tuple[str, str]] = [(name, "text") for name in _TEXTS]
    shown = [
        f"{sql} AS {name}" if reads or name not in _WORDS else f"'' AS {name}" for name, sql in _TEXTS.items()
    ]
    for name in _MOMENTS:
        as_text = f"to_char(i.{name} AT TIME ZONE %s, 'YYYY-MM-DD HH24:MI:SS')"
        shown.append(f"{as_text} AS {name}" if is_table else f"i.{name}")
        columns.append((name, "text" if is_table else "moment"))
    shown += ["i.round", "ST_X(i.point) AS lng", "ST_Y(i.point) AS lat"]
    columns += [("round", "integer"), ("lng", "number"), ("lat", "number")]
    if not is_table:
        shown.append("encode(ST_AsBinary(i.point), 'hex')")
    inner, values = found.values("pk").query.sql_with_params()
    sql = f"""SELECT {", ".join(shown)}
        FROM incident i
        LEFT JOIN asset_class k ON k.id = i.asset_class_id
        LEFT JOIN event_class e ON e.id = i.event_class_id
        LEFT JOIN organisation o ON o.id = i.responsible_unit_id
        WHERE i.id IN ({inner})
        ORDER BY {_ORDERS[wanted.order]}, i.id
    """  # noqa: S608 - names of our own
    zones: list[Any] = [zone] * len(_MOMENTS) if is_table else []
    with connection.cursor() as cursor:
        whole = cursor.cursor.mogrify(sql, [*zones, *values]).decode()
    return RowsToWrite(whole, columns, None if is_table else "geom", found.count())


def wanted_from(said: dict[str, str]) -> listing.Wanted:
    """What a list is asked for, from the words of the page.

    Raises:
        Invalid: when they cannot be understood.
    """
    form = DeskQuery(data=said)
    if not form.is_valid():
        raise Invalid("This list cannot be asked for. 筛选条件有误。", {"query": list(map(str, form.errors))})
    fields = form.validated_data
    class_code = fields.pop("class")
    exact = {"queue": Queue(fields["queue"]), "order": Order(fields["order"]), "class_code": class_code}
    return listing.Wanted(**fields | exact)
