"""Citizens who report: near water that stands, and at objects anywhere, by the intake of machines."""

import random
import uuid
from typing import Final

from geogrid.simulate.doors import Letter, Outbox, letter
from geogrid.simulate.plan import Plan
from geogrid.simulate.stopping import Stop

CHANNEL: Final = "citizen"
WET_SHARE: Final = 0.5  # of the reports are about water
STREET_M: Final = 25.0  # how far from the water somebody stands
METRE_DEG: Final = 1 / 111_320

WATER: Final = (
    ("{place}积水很深，汽车熄火了。", "Deep water in {place}, a car has stalled."),
    ("{place}路面积水，行人过不去。", "Water over the street in {place}, people cannot pass."),
    ("{place}水漫进了楼道。", "Water runs into a stairway in {place}."),
    ("{place}雨水口堵了，水越积越高。", "The gully in {place} is blocked and the water rises."),
)
OBJECTS: Final = (
    ("这里坏了，请来看看。", "This is broken, please have a look."),
    ("这里松动了，走路不安全。", "This is loose, it is not safe to walk here."),
    ("好像被撞过，歪了。", "Something has hit this, it leans."),
)
LABEL: Final = ("【模拟】", "Simulated: ")


def report_of(plan: Plan, chance: random.Random) -> Letter:
    """One citizen's report. Its key makes it one report however often it is sent."""
    wet = plan.levels()
    if wet and chance.random() < WET_SHARE:
        gauge = chance.choice(wet)
        words, lng, lat = chance.choice(WATER), gauge.lng, gauge.lat
        said = {"event_class": "0506", "location_text": gauge.place}
        place, near_m = gauge.place, STREET_M
    elif plan.targets:
        target = chance.choice(plan.targets)
        words, lng, lat = chance.choice(OBJECTS), target.lng, target.lat
        said, place, near_m = {"asset": target.asset}, "", 2.0
    else:
        raise ValueError("The plan has neither gauges nor objects that a citizen could report.")
    said |= {
        "description": "\n".join(
            label + sentence.format(place=place) for label, sentence in zip(LABEL, words, strict=True)
        ),
        "channel": CHANNEL,
    }
    where = {
        "lng": lng + chance.uniform(-near_m, near_m) * METRE_DEG * 2,
        "lat": lat + chance.uniform(-near_m, near_m) * METRE_DEG,
    }
    key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return letter("/api/incidents", said | where, plan.citizen_token, Idempotency_Key=key)


def report_live(
    plan: Plan, outbox: Outbox, stop: Stop, *, every_s: float, most: int | None, chance: random.Random
) -> int:
    """Report every `every_s` seconds on average until the end or `most` reports; how many were made."""
    made = 0
    while most is None or made < most:
        outbox.put([report_of(plan, chance)])
        made += 1
        outbox.send()
        if most is not None and made >= most:
            break
        if stop.wait(chance.uniform(0.5, 1.5) * every_s):
            break
    return made
