"""Spot checks: the draw is repeated by hand, findings go to the district alone, nothing is bent later."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rest_framework.test import APIClient

from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from incidents.models import Incident, StepTaken
from incidents.spot_checks.actions import draw, record
from incidents.spot_checks.drawing import drawn, list_hash
from incidents.spot_checks.models import SpotCheck, SpotDraw
from tests.incidents.conftest import COUNTY, person
from tests.loop.conftest import HOUR, NOON, Loop, loop, reported  # noqa: F401 (fixtures)

DAY = timedelta(days=1)
NUMBERS = st.lists(st.from_regex(r"[0-9]{8}-[0-9]{6}", fullmatch=True), unique=True, max_size=30)


@pytest.fixture
def sue(loop: Loop) -> User:  # noqa: F811
    return person("sue", "superintendent", COUNTY)


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    client.default_format = "json"
    return client


def closed(by: User, at: datetime = NOON) -> Incident:
    """An incident that was closed without handling; how that is done was tested elsewhere."""
    incident = reported(by, at)
    incident.is_simulated = True
    Incident.objects.filter(pk=incident.pk).update(is_simulated=True)  # made up: without a second person
    for move, before, after, minutes in (
        ("file", "REPORTED", "FILED", 1),
        ("close_with_code", "FILED", "CLOSED", 60),
    ):
        taken_at = at + timedelta(minutes=minutes)
        StepTaken.objects.create(
            incident=incident,
            move=move,
            from_stage=before,
            to_stage=after,
            level="COMMUNITY",
            taken_at=taken_at,
        )
        stage_at = {"FILED": "filed_at", "CLOSED": "closed_at"}[after]
        Incident.objects.filter(pk=incident.pk).update(stage=after, **{stage_at: taken_at})
    return incident


def taken(sue: User, count: int = 2, **more: Any) -> SpotDraw:
    period = {"closed_from": NOON - DAY, "closed_to": NOON + DAY, "area": "", **more}
    return draw(actor=sue, at=NOON + DAY, count=count, **period)


def a_photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 90).save(out, "JPEG")
    return SimpleUploadedFile("p.jpg", out.getvalue(), "image/jpeg")


@given(st.text(max_size=20), NUMBERS, st.integers(0, 40), st.randoms())
def test_a_draw_knows_no_order_and_draws_each_once(seed: str, numbers: list[str], count: int, luck: Any):
    mixed = list(numbers)
    luck.shuffle(mixed)

    found = drawn(seed, numbers, count)

    assert found == drawn(seed, mixed, count)
    assert len(found) == len(set(found)) == min(count, len(numbers))
    assert set(found) <= set(numbers)
    assert drawn(seed, numbers, count + 1)[:count] == found
    assert list_hash(numbers) == list_hash(mixed)


def test_each_number_is_drawn_about_as_often_as_any_other():
    numbers = [f"20260101-{n:06d}" for n in range(20)]
    often = dict.fromkeys(numbers, 0)
    for seed in range(1000):
        for number in drawn(str(seed), numbers, 5):
            often[number] += 1

    assert min(often.values()) > 190 and max(often.values()) < 310  # 250 each, four standard deviations


def test_the_draw_is_repeated_with_nothing_but_what_was_published(loop: Loop, sue: User):  # noqa: F811
    for _ in range(6):
        closed(loop.people.oona)
    made = taken(sue, count=3)

    told = api(sue).get(f"/api/spot-checks/draws/{made.pk}/pool").json()
    by_hand = sorted(told["pool"], key=lambda n: hashlib.sha256(f"{told['seed']}|{n}".encode()).hexdigest())[
        :3
    ]
    lines = "".join(f"{number}\n" for number in sorted(told["pool"]))
    print(f"seed {told['seed']}, list {told['list_hash']}, drawn {', '.join(told['numbers'])}")

    assert by_hand == told["numbers"] == made.numbers
    assert hashlib.sha256(lines.encode()).hexdigest() == told["list_hash"]
    assert [check.incident.number for check in made.checks.order_by("nth")] == made.numbers


def test_a_seed_that_was_given_is_used_and_told(loop: Loop, sue: User):  # noqa: F811
    incident = closed(loop.people.oona)

    made = taken(sue, seed="2026-01-14 03 11 17 22")

    assert (made.seed, made.is_seed_given, made.numbers) == (
        "2026-01-14 03 11 17 22",
        True,
        [incident.number],
    )


def test_only_what_was_closed_there_and_then_is_drawn_from(loop: Loop, sue: User):  # noqa: F811
    closed(loop.people.oona)
    reported(loop.people.oona)

    with pytest.raises(Invalid, match="Nothing was closed"):
        taken(sue, closed_from=NOON + 2 * HOUR)
    with pytest.raises(Invalid, match="no period"):
        taken(sue, closed_to=NOON - 2 * DAY)
    with pytest.raises(Forbidden):
        taken(sue, area="999999")
    with pytest.raises(Forbidden):
        taken(loop.street)
    assert len(taken(sue, count=9).numbers) == 1


def test_a_finding_needs_a_photo_and_stands(loop: Loop, sue: User):  # noqa: F811
    closed(loop.people.oona)
    check = taken(sue).checks.get()
    address = f"/api/spot-checks/{check.pk}"
    client = api(sue)

    bare = client.post(f"{address}/finding", {"verdict": "not_solved", "finding": "still open"})
    photo = client.post(f"{address}/photos", {"file": a_photo()}, format="multipart")
    found = client.post(f"{address}/finding", {"verdict": "not_solved", "finding": "still open"}).json()
    again = client.post(f"{address}/finding", {"verdict": "upheld", "finding": "fine"})
    late = client.post(f"{address}/photos", {"file": a_photo()}, format="multipart")

    assert bare.status_code == 422 and "photo" in bare.json()["detail"]
    assert photo.status_code == 201
    assert (found["verdict"], found["finding"], len(found["photos"])) == ("not_solved", "still open", 1)
    assert (again.status_code, late.status_code) == (409, 409)
    [listed] = client.get("/api/spot-checks", {"state": "not_solved"}).json()
    assert listed["number"] == check.incident.number


def test_the_district_is_told_and_those_who_are_judged_are_not(loop: Loop, sue: User):  # noqa: F811
    closed(loop.people.oona)
    check = taken(sue).checks.get()
    record(check=check, verdict="not_told", finding="gate locked", actor=sue, at=NOON + DAY)

    assert [one["finding"] for one in api(loop.chief).get("/api/spot-checks").json()] == ["gate locked"]
    assert api(loop.chief).get("/api/spot-checks/draws").json()[0]["found"] == 1
    supervisor = person("sup", "supervisor", "910101001")
    for user in (loop.rod, loop.street, supervisor, loop.people.ann, loop.people.oona):
        assert api(user).get("/api/spot-checks").status_code == 403
        assert api(user).get("/api/spot-checks/draws").status_code == 403
        assert api(user).get(f"/api/spot-checks/draws/{check.draw_id}/pool").status_code == 404
    with pytest.raises(Forbidden):
        record(check=check, verdict="upheld", finding="x", actor=loop.chief, at=NOON)


def test_the_database_keeps_draws_and_findings(loop: Loop, sue: User):  # noqa: F811
    first, second = closed(loop.people.oona), closed(loop.people.oona)
    made = taken(sue, count=1)
    check = made.checks.get()
    other = second if check.incident_id == first.pk else first
    record(check=check, verdict="not_told", finding="x", actor=sue, at=NOON + DAY)

    for bend in (
        lambda: SpotDraw.objects.filter(pk=made.pk).update(seed="mine"),
        lambda: SpotCheck.objects.filter(pk=check.pk).update(verdict="upheld"),
        lambda: SpotCheck.objects.filter(pk=check.pk).delete(),
        lambda: SpotCheck.objects.create(draw=made, nth=2, incident=other),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            bend()
    with pytest.raises(Conflict):
        record(check=check, verdict="upheld", finding="x", actor=sue, at=NOON)
