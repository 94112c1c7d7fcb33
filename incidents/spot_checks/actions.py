"""What writes draws and findings."""

import secrets
from datetime import datetime
from typing import IO

from django.db import transaction
from django.db.models import Q

from assets.photos import actions as photos
from geogrid.core.actor import name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.models import Incident, county_code
from incidents.spot_checks.drawing import drawn, list_hash
from incidents.spot_checks.models import SpotCheck, SpotCheckPhoto, SpotDraw

MOST_POOL = 100_000
NEEDS_PHOTO = {"upheld", "not_solved"}


@transaction.atomic
def draw(
    *,
    actor: User,
    at: datetime,
    area: str,
    closed_from: datetime,
    closed_to: datetime,
    count: int,
    seed: str = "",
) -> SpotDraw:
    """Draw among the incidents closed in a period in a part of the city.

    area: code of a unit; empty for the whole city, with what lies outside its grid. seed: from a public
    draw, say; without one the machine takes 128 bits at random. Made-up incidents are drawn from only where
    there are no others, as in the demonstration.

    Raises:
        Forbidden: outside the person's part of the city.
        Invalid: when the period is none, nothing was closed in it, or far too much.
    """
    whole = county_code()
    area = area or whole
    require(actor, Action.SPOT_CHECK, area)
    if closed_to <= closed_from or closed_from > at:
        raise Invalid(
            "时段不对。That is no period of the past.", {"closed_to": ["Later than the beginning."]}
        )
    rows = Incident.objects.filter(
        stage__in=["CLOSED", "EVALUATED"],
        closed_at__gte=closed_from,
        closed_at__lt=closed_to,
    )
    here = Q(unit_code__startswith=area)
    rows = rows.filter(here | Q(unit_code="") if area == whole else here)
    real = rows.filter(is_simulated=False)
    pool = sorted((real if real.exists() else rows).values_list("number", flat=True)[: MOST_POOL + 1])
    if not pool:
        raise Invalid("该时段内没有结案。Nothing was closed there in that time.")
    if len(pool) > MOST_POOL:
        raise Invalid(
            f"超过 {MOST_POOL} 件，请缩短时段。More than {MOST_POOL} were closed: take a shorter time."
        )
    taken = seed or secrets.token_hex(16)
    numbers = drawn(taken, pool, count)
    name_actor(actor)
    made = SpotDraw.objects.create(
        drawn_at=at,
        drawn_by=actor,
        area=area,
        closed_from=closed_from,
        closed_to=closed_to,
        seed=taken,
        is_seed_given=bool(seed),
        list_hash=list_hash(pool),
        pool=pool,
        numbers=numbers,
    )
    ids = dict(Incident.objects.filter(number__in=numbers).values_list("number", "pk"))
    SpotCheck.objects.bulk_create(
        SpotCheck(draw=made, nth=nth, incident_id=ids[number]) for nth, number in enumerate(numbers, start=1)
    )
    return made


@transaction.atomic
def add_photo(*, check: SpotCheck, file: IO[bytes], actor: User, at: datetime) -> SpotCheckPhoto:
    """Keep a photo of what was found.

    Raises:
        Forbidden: for others than superintendents. Conflict: when it is found already. Invalid: no photo.
    """
    require(actor, Action.SPOT_CHECK, check.draw.area)
    if check.verdict:
        raise Conflict("抽查结果已记录。The result was recorded already.")
    photo = photos.add_photo(file=file, role="after", uploaded_by=actor, at=at)
    return SpotCheckPhoto.objects.create(check_of=check, photo=photo)


@transaction.atomic
def record(*, check: SpotCheck, verdict: str, finding: str, actor: User, at: datetime) -> None:
    """Record what was found: upheld (属实), not_solved (未解决), not_told (无法核实). It stands.

    Raises:
        Forbidden: for others than superintendents. Conflict: when it is found already.
        Invalid: without words, or without a photo of a place that was seen.
    """
    require(actor, Action.SPOT_CHECK, check.draw.area)
    held = SpotCheck.objects.select_for_update().get(pk=check.pk)
    if held.verdict:
        raise Conflict("抽查结果已记录。The result was recorded already.")
    if not finding.strip():
        raise Invalid("请写明发现。Say what was found.", {"finding": ["This is needed. 必填。"]})
    if verdict in NEEDS_PHOTO and not held.photo_links.exists():
        raise Invalid("请先上传现场照片。Add a photo of the place first.", {"photos": ["A photo is needed."]})
    name_actor(actor)
    held.verdict, held.finding, held.found_by, held.found_at = verdict, finding, actor, at
    held.save()
