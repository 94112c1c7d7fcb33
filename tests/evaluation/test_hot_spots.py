"""Hot spots: seventy noise reports planted at one place come first, as half of their community's load."""

from datetime import date, timedelta

from incidents.evaluation.asking import Asked, By, Seen
from incidents.evaluation.hot_spots import class_shares, hot_spots
from incidents.evaluation.keeping import keep_all
from incidents.intake import Call, Report, report_all
from incidents.models import EventClass
from tests.incidents.conftest import MIDDLE, A, B, C, client_of
from tests.loop.conftest import NOON, Loop

METRE = 1 / 111_320
EVERYWHERE = Seen(("",), (), unplaced=True)
SPRING = Asked(By.COMMUNITY, date(2026, 1, 1), date(2026, 4, 30), seen=EVERYWHERE)


def classes() -> tuple[EventClass, EventClass]:
    made = [
        EventClass.objects.create(
            scheme="t",
            version="1",
            code=code,
            major_name="x",
            major_name_en="x",
            name=zh,
            name_en=en,
            origin="t",
        )
        for code, zh, en in (("0189", "噪声", "Noise"), ("0110", "垃圾", "Rubbish"))
    ]
    return made[0], made[1]


def plant(loop: Loop, count: int, cell: str, known: EventClass, spread_m: float, days: int = 1) -> None:
    x, y = MIDDLE[cell]
    calls = [
        Call(
            Report(
                "hotline",
                "planted",
                x + (n % 9 - 4) / 4 * spread_m * METRE / 0.5,
                y + (n // 9 % 9 - 4) / 4 * spread_m * METRE,
                event_class_id=known.pk,
            ),
            loop.people.oona,
            NOON + timedelta(days=n * days % 100),
        )
        for n in range(count)
    ]
    report_all(calls)


def test_planted_noise_comes_first_as_half_of_its_communitys_load(lasting_loop: Loop):
    noise, rubbish = classes()
    plant(lasting_loop, 70, A, noise, spread_m=15)
    plant(lasting_loop, 70, B, rubbish, spread_m=210)
    plant(lasting_loop, 40, C, rubbish, spread_m=210)
    keep_all()

    first = hot_spots(SPRING)[0]
    shares = class_shares(SPRING)

    assert (first.class_key, first.count, first.community_count) == (f"E{noise.pk}", 70, 140)
    assert first.share == 0.5 and first.community == "910101001001" and first.radius_m < 30
    assert (abs(first.lng - MIDDLE[A][0]) + abs(first.lat - MIDDLE[A][1])) < 30 * METRE
    assert (first.before, first.growth, first.closed, first.open) == (0, None, 0, 70)
    assert [(one.class_key, one.count, one.whole) for one in shares] == [
        (f"E{rubbish.pk}", 110, 180), (f"E{noise.pk}", 70, 180),
    ]  # fmt: skip
    said = (
        client_of(lasting_loop.chief).get("/api/evaluation/hot-spots?start=2026-01-01&end=2026-04-30").json()
    )
    assert (said["places"][0]["class_en"], said["places"][0]["share"]) == ("0189 Noise", 0.5)
    of_others = client_of(lasting_loop.people.stranger).get("/api/evaluation/hot-spots").json()
    assert (of_others["places"], of_others["classes"]) == ([], [])


def test_growth_is_against_the_period_before_at_the_same_place(lasting_loop: Loop):
    noise, _ = classes()
    plant(lasting_loop, 30, A, noise, spread_m=10)
    keep_all()

    [first] = hot_spots(Asked(By.COMMUNITY, date(2026, 1, 24), date(2026, 2, 12), seen=EVERYWHERE))

    # Days 14 to 23 of January before, 24 January to 12 February now.
    assert (first.count, first.before, first.growth) == (20, 10, 1.0)


def test_two_near_places_of_one_class_are_apart_beyond_their_reach(lasting_loop: Loop):
    noise, _ = classes()
    plant(lasting_loop, 9, A, noise, spread_m=5)
    plant(lasting_loop, 9, B, noise, spread_m=5)
    keep_all()

    assert len(hot_spots(SPRING, reach_m=50)) == 2
    assert len(hot_spots(SPRING, reach_m=600)) == 1
