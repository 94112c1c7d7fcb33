import time as clock
from datetime import time
import pytest
from django.db import connection
from django.test import Client
from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, DutyArea, DutyShift, Membership
from grid_units.models import Cell, GridUnit
from tests.duties.conftest import LONG_AGO
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

def test_large(db, capsys):
    City.objects.create(name="示例区", name_en="Sample", county_code=COUNTY, zone="Europe/Helsinki")
    with connection.cursor() as cursor:
        fill(cursor, made_up_city(56, 56, block=8))
    cells = list(Cell.objects.order_by("code").values_list("code", flat=True))
    users = User.objects.bulk_create([User(username=f"u{n}", display_name=f"U{n}") for n in range(6000)])
    duties, areas, shifts = [], [], []
    for n, c in enumerate(cells):
        for k, (a, b) in enumerate(((6, 14), (14, 22), (22, 6))):
            if (n + k) % 7 == 0:
                continue
            duties.append((users[(2 * n + k) % 6000], c, a, b))
    made = Duty.objects.bulk_create([Duty(user=u, role="grid_worker", valid_from=LONG_AGO) for u, *_ in duties])
    DutyArea.objects.bulk_create([DutyArea(duty=d, unit_code=c) for d, (_, c, _, _) in zip(made, duties)])
    DutyShift.objects.bulk_create([DutyShift(duty=d, weekday=w, starts=time(a), ends=time(b)) for d, (_, _, a, b) in zip(made, duties) for w in range(7)], batch_size=5000)
    connection.cursor().execute("ANALYZE")
    boss = User.objects.create(username="boss")
    Membership.objects.create(user=boss, role=Role.SUPERVISOR, unit_prefix=COUNTY, valid_from=LONG_AGO)
    Membership.objects.bulk_create([Membership(user=u, role="grid_worker", unit_prefix=COUNTY, valid_from=LONG_AGO) for u in users])
    client = Client(); client.force_login(boss, "django.contrib.auth.backends.ModelBackend")
    out = [f"{len(cells)} cells {len(made)} duties"]
    for what in ("board", "gaps", "load", "people"):
        for _ in range(2):
            t = clock.perf_counter(); r = client.get(f"/api/staffing/{what}?unit={COUNTY}"); dt = clock.perf_counter() - t
        out.append(f"{what} {r.status_code} {dt:.2f} s {len(r.content)/1e6:.2f} MB")
    open("/tmp/w/ds-large.txt", "w").write("\n".join(out))
