"""E8's hot spot: seventy noise reports at one place within four months must come first, as half of the load
of their community, among all the incidents of the desk's city.
"""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg2

from geogrid.embedded.testing import TestDatabase
from tests.grid_units.made_up_city import COUNTY

PLANTED, OTHERS = 70, 70
METRE = 1 / 111_320
ZONE = ZoneInfo("Asia/Shanghai")
# Before all others of the city: these four months belong to what is planted.
FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)


def comes_first(database: TestDatabase) -> bool:
    """Plant them, count as the clock does, and ask as an analyst would."""
    from geogrid.organisations.models import User
    from grid_units.duties.models import Membership
    from grid_units.models import Cell
    from incidents.evaluation.asking import Asked, By, Seen
    from incidents.evaluation.hot_spots import hot_spots
    from incidents.evaluation.keeping import keep_all
    from incidents.intake import Call, Report, report_all
    from incidents.models import EventClass

    connection = psycopg2.connect(database.superuser.url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, actor, taken_at)"
            " SELECT id, 'report', '', 'REPORTED', level, 'e8', reported_at FROM incident"
        )
        cursor.execute("SET session_replication_role = origin")
    connection.close()
    noise, other = EventClass.objects.order_by("code")[:2]
    operator = User.objects.get(username="operator")
    # Somebody always answers: without duties in those months it is an administrator.
    Membership.objects.create(
        user=operator, role="administrator", unit_prefix="", valid_from="2020-01-01T00:00:00Z"
    )
    cells = list(Cell.objects.filter(code__startswith=f"{COUNTY}001001").order_by("code"))
    elsewhere = list(Cell.objects.exclude(code__startswith=f"{COUNTY}001001").order_by("code"))
    began = datetime.combine(FIRST, datetime.min.time(), ZONE)
    calls = []
    for n in range(PLANTED + OTHERS + 600):
        if n < PLANTED:
            middle, known, apart = cells[0].geom.point_on_surface, noise, 3 * METRE * (n % 5)
        elif n < PLANTED + OTHERS:
            middle, known, apart = cells[n % len(cells)].geom.point_on_surface, other, 0.0
        else:
            middle, known, apart = elsewhere[n % len(elsewhere)].geom.point_on_surface, other, 0.0
        said = Report("hotline", "planted", middle.x + apart, middle.y, event_class_id=known.pk)
        calls.append(Call(said, operator, began + timedelta(days=n % 120)))
    report_all(calls)
    counted = time.monotonic()
    keep_all()
    counted = time.monotonic() - counted
    asked = time.monotonic()
    asking = Asked(By.COMMUNITY, FIRST, LAST, seen=Seen(("",), (), unplaced=True))
    found = hot_spots(asking)
    first = found[0]
    print(
        f"hot spots: {len(found)} places in {time.monotonic() - asked:.1f} s (counted in {counted:.0f} s); "
        f"first: {first.count} of {first.community_count} in {first.community}, {first.share:.0%}"
    )
    return (first.class_key, first.count, first.share) == (f"E{noise.pk}", PLANTED, 0.5)
