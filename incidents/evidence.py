"""A camera's picture, kept with an incident as evidence (监控留证)."""

import io
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from assets.cameras.models import Camera, KeptSnapshot
from assets.cameras.snapshots import PictureState, snapshots
from assets.photos import actions as photos
from assets.photos.models import PhotoRole
from geogrid.core.errors import Conflict
from geogrid.organisations.models import User
from incidents.actions import require_may_add_photos
from incidents.models import Incident, IncidentPhoto


def keep_snapshot(
    *, incident: Incident, camera: Camera, actor: User, at: datetime, now: Callable[[], datetime]
) -> IncidentPhoto:
    """Keep what a camera shows now. Its place is the camera's, its time that of the fetching.

    The caller has found out that the actor may see both. `now` is the clock, asked when the picture is there.

    Raises:
        Forbidden: for who may not add photos to the incident.
        Conflict: when the incident is over, or the camera shows nothing live: an old picture proves nothing.
    """
    require_may_add_photos(incident=incident, actor=actor)
    shown = snapshots.of(camera, at, now)
    if shown.state is not PictureState.LIVE:
        zh, en = shown.words()
        raise Conflict(f"Nothing was kept; the camera: {en}. 未留证：{zh}")
    with transaction.atomic():
        photo = photos.add_photo(
            file=io.BytesIO(shown.jpeg),
            role=PhotoRole.SNAPSHOT,
            uploaded_by=actor,
            at=now(),
            taken_at=shown.taken_at,
            place=camera.asset.geom,
        )
        KeptSnapshot.objects.create(camera=camera, photo=photo)
        return IncidentPhoto.objects.create(incident=incident, photo=photo)
