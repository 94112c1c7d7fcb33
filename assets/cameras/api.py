"""Cameras over HTTP: where they look, and their picture, fetched by the server for those who may see it."""

from typing import Any, Final

from django.contrib.gis.geos import Point
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.api import asset_named
from assets.cameras import actions
from assets.cameras.models import Camera, CameraQuerySet
from assets.cameras.serializers import (
    CameraCard,
    CameraChangesIn,
    CameraCollection,
    CameraQuery,
    NewCameraIn,
)
from assets.cameras.snapshots import PictureState, Snapshot, snapshots
from assets.editing import require_at
from assets.negotiation import JSONWhateverIsAccepted
from assets.serializers import checked
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Conflict, NotFound
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.api import owner_of as signed_in
from geogrid.organisations.roles import Action
from grid_units.duties.access import require

CAMERA_ID: Final = OpenApiParameter("camera_id", OpenApiTypes.INT, OpenApiParameter.PATH)
MOST_LISTED: Final = 5_000


class NoPictureNow(Conflict):
    """The camera has no picture to show. The message says why."""

    code = "no_picture"


def camera_for(request: Request, camera_id: str) -> Camera:
    """The camera, if there is one that this person may look through.

    Raises:
        NotFound: as well when it is there and may not be seen.
    """
    return _camera_of(Camera.objects.visible_to(signed_in(request)), camera_id)


def _camera_of(seen: CameraQuerySet, camera_id: str) -> Camera:
    found = None
    if camera_id.isascii() and camera_id.isdecimal() and len(camera_id) <= 18:
        found = seen.select_related("asset__cell", "source").filter(pk=int(camera_id)).first()
    if found is None:
        raise NotFound("There is no such camera. 没有该摄像机。")
    return found


def camera_to_edit(camera_id: str) -> Camera:
    """The camera, for whom the action will ask whether they may edit it: that it stands there is public.

    Raises:
        NotFound: when there is none.
    """
    return _camera_of(Camera.objects.all(), camera_id)


def _card(camera: Camera) -> Any:
    return CameraCard(camera, context={"picture": snapshots.last(camera, timezone.now())}).data


class Cameras(APIView):
    """Cameras that this person may look through."""

    @extend_schema(
        operation_id="listCameras",
        parameters=[CameraQuery],
        responses=answering({(200, JSON): CameraCollection}, 422),
    )
    def get(self, request: Request) -> Response:
        """Cameras with what they see, as GeoJSON: of a unit, or those that see a place, the nearest first."""
        said = checked(CameraQuery(data=request.query_params))
        rows = (
            Camera.objects.visible_to(signed_in(request)).standing().select_related("asset__cell", "source")
        )
        if said["unit"]:
            rows = rows.filter(asset__cell__code__startswith=said["unit"])
        found = list(rows.order_by("asset__code")[:MOST_LISTED])
        if "lng" in said and "lat" in said:
            place = Point(said["lng"], said["lat"], srid=STORAGE_SRID)
            found = [camera for camera in found if camera.view.covers(place)]
            found.sort(key=lambda camera: camera.asset.geom.distance(place))
        return Response(CameraCollection({"features": found}).data)

    @extend_schema(
        operation_id="addCamera",
        request=NewCameraIn,
        responses=answering({(201, JSON): CameraCard}, *BODY_REFUSED, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Make an asset a camera."""
        user = signed_in(request)
        require(user, Action.EDIT_ASSETS)
        said = checked(NewCameraIn(data=request.data))
        asset = asset_named(said.pop("asset"))
        camera = actions.add_camera(asset=asset, fields=said, actor=user, at=timezone.now())
        return Response(_card(camera), status=201)


class OneCamera(APIView):
    """One camera."""

    @extend_schema(
        operation_id="getCamera", parameters=[CAMERA_ID], responses=answering({(200, JSON): CameraCard}, 404)
    )
    def get(self, request: Request, camera_id: str) -> Response:
        """Where it looks, and how its picture stood when it was last asked for."""
        return Response(_card(camera_for(request, camera_id)))

    @extend_schema(
        operation_id="changeCamera",
        parameters=[CAMERA_ID],
        request=CameraChangesIn,
        responses=answering({(200, JSON): CameraCard}, *BODY_REFUSED, 404),
    )
    def patch(self, request: Request, camera_id: str) -> Response:
        """Change where it looks, or where its picture is fetched. What was entered is never shown again."""
        camera = camera_to_edit(camera_id)
        require_at(signed_in(request), camera.asset)
        said = checked(CameraChangesIn(data=request.data))
        actions.change_camera(camera=camera, fields=said, actor=signed_in(request), at=timezone.now())
        return Response(_card(camera_to_edit(camera_id)))

    @extend_schema(
        operation_id="removeCamera", parameters=[CAMERA_ID], responses=answering({204: None}, 404, 409)
    )
    def delete(self, request: Request, camera_id: str) -> Response:
        """The asset is no camera any more."""
        actions.remove_camera(camera=camera_to_edit(camera_id), actor=signed_in(request))
        return Response(status=204)


class CameraSnapshot(APIView):
    """A camera's picture."""

    content_negotiation_class = JSONWhateverIsAccepted

    @extend_schema(
        operation_id="getCameraSnapshot",
        parameters=[CAMERA_ID],
        responses=answering({(200, "image/jpeg"): OpenApiTypes.BINARY}, 404, 409),
    )
    def get(self, request: Request, camera_id: str) -> HttpResponse:
        """The picture as of at most two seconds ago. `X-Picture-State` says live or stale,
        `X-Picture-Taken-At` when it was fetched; without any picture the answer is 409 with the reason."""
        shown = snapshots.of(camera_for(request, camera_id), timezone.now(), timezone.now)
        if shown.state is PictureState.BROKEN:
            zh, en = shown.words()
            raise NoPictureNow(f"{en} {zh}")
        return picture_of(shown)


def picture_of(shown: Snapshot) -> HttpResponse:
    """The answer with a picture."""
    answer = HttpResponse(shown.jpeg, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Picture-State"] = shown.state.value
    if shown.taken_at is not None:
        answer["X-Picture-Taken-At"] = shown.taken_at.isoformat()
    return answer
