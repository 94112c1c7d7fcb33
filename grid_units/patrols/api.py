"""Devices, positions, patrols and absences over HTTP. Positions come in by the doors (receiving.py)."""

from collections import Counter
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid
from geogrid.organisations.api import owner_of
from geogrid.organisations.authentication import SessionOnly
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require
from grid_units.patrols import actions, cards
from grid_units.patrols.models import Device
from grid_units.patrols.pairing import configurations
from grid_units.patrols.serializers import (
    AbsenceSerializer,
    DeviceSerializer,
    GpxSerializer,
    LastPositionSerializer,
    MadeDeviceSerializer,
    NewDeviceSerializer,
    NewPatrolSerializer,
    OnePatrolSerializer,
    PairSerializer,
    PatrolSerializer,
    UploadedSerializer,
)

MOST_LISTED = 500


def origin_of(request: HttpRequest) -> str:
    """Our address as phones shall use it: the city's public one where it is set."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def person_named(username: str | None, asker: User) -> User:
    """A person by log-in name; without one, who asks.

    Raises:
        Invalid: when there is nobody of that name who can log in.
    """
    if not username:
        return asker
    is_text = "\0" not in username
    found = User.objects.filter(username=username, is_active=True).first() if is_text else None
    if found is None:
        raise Invalid(f"There is nobody named {username} who can log in.", {"username": ["Unknown."]})
    return found


def require_devices(user: User) -> None:
    """Let pass who may have a device or manage others'."""
    if not may(user, Action.PATROL):
        require(user, Action.STAFF_CELLS)


class Devices(APIView):
    """The devices that the asker may manage; new ones. A token makes no tokens: sessions only."""

    authentication_classes = (SessionOnly,)

    @extend_schema(
        responses=answering({(200, JSON): DeviceSerializer(many=True)}), operation_id="listDevices"
    )
    def get(self, request: Request) -> Response:
        require_devices(owner_of(request))
        devices = actions.devices_of(owner_of(request)).usable().exclude(kind="file").select_related("last")
        listed = devices.prefetch_related("pairings__worker").order_by("id")[:MOST_LISTED]
        return Response(DeviceSerializer(listed, many=True).data)

    @extend_schema(
        request={JSON: NewDeviceSerializer},
        responses=answering({(201, JSON): MadeDeviceSerializer}, *BODY_REFUSED, 409),
        operation_id="makeDevice",
    )
    def post(self, request: Request) -> Response:
        require_devices(owner_of(request))
        form = NewDeviceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked, actor = form.validated_data, owner_of(request)
        forwarder = None
        if asked["forwarder"] is not None:
            forwarder = actions.devices_of(actor).filter(pk=asked["forwarder"]).first()
            if forwarder is None:
                raise Invalid("There is no such forwarding server.", {"forwarder": ["Unknown."]})
        worker = None if asked["kind"] == "forwarder" else person_named(asked["username"], actor)
        device, token = actions.make_device(
            actor=actor,
            name=asked["name"],
            kind=asked["kind"],
            worker=worker,
            forwarder=forwarder,
            external_id=asked["external_id"],
            at=timezone.now(),
        )
        shown = DeviceSerializer(Device.objects.select_related("last").get(pk=device.pk)).data
        apps = []
        if token and device.kind != "forwarder":
            apps = [vars(one) for one in configurations(origin_of(request._request), device.name, token)]
        answer = Response({**shown, "token": token, "configurations": apps}, status=201)
        answer["Cache-Control"] = "no-store"
        return answer


class OneDevice(APIView):
    """One device: who carries it; its end."""

    authentication_classes = (SessionOnly,)

    @extend_schema(
        request={JSON: PairSerializer},
        responses=answering({(200, JSON): DeviceSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="pairDevice",
    )
    def patch(self, request: Request, device_id: int) -> Response:
        require_devices(owner_of(request))
        device = get_object_or_404(actions.devices_of(owner_of(request)), pk=device_id)
        form = PairSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        username = form.validated_data["username"]
        worker = person_named(username, owner_of(request)) if username else None
        actions.pair(actor=owner_of(request), device=device, worker=worker, at=timezone.now())
        return Response(DeviceSerializer(Device.objects.select_related("last").get(pk=device.pk)).data)

    @extend_schema(responses=answering({204: None}, 404, 409), operation_id="revokeDevice")
    def delete(self, request: Request, device_id: int) -> Response:
        require_devices(owner_of(request))
        device = get_object_or_404(actions.devices_of(owner_of(request)), pk=device_id)
        actions.revoke(actor=owner_of(request), device=device, at=timezone.now())
        return Response(status=204)


class LastPositions(APIView):
    """Where everybody is whom the asker may see; the live feed's event `positions` goes on from here."""

    @extend_schema(
        responses=answering({(200, JSON): LastPositionSerializer(many=True)}), operation_id="lastPositions"
    )
    def get(self, request: Request) -> Response:
        # The rows are what the serializer makes of them; for 5,000 that takes 0.4 s of processor time, and
        # every wall asks each minute.
        return Response(cards.last_positions(owner_of(request)))


class Patrols(APIView):
    """Patrols, the newest first; a new one."""

    @extend_schema(
        parameters=[
            OpenApiParameter("username", str, description="Of this person only"),
            OpenApiParameter("running", OpenApiTypes.BOOL, description="Only those that run"),
        ],
        responses=answering({(200, JSON): PatrolSerializer(many=True)}, 422),
        operation_id="listPatrols",
    )
    def get(self, request: Request) -> Response:
        patrols = cards.patrols_seen_by(owner_of(request))
        if request.query_params.get("username"):
            patrols = patrols.filter(worker=person_named(request.query_params["username"], owner_of(request)))
        if request.query_params.get("running", "").lower() in ("1", "true"):
            patrols = patrols.filter(ended_at=None)
        return Response(PatrolSerializer(patrols.order_by("-started_at")[:MOST_LISTED], many=True).data)

    @extend_schema(
        request={JSON: NewPatrolSerializer},
        responses=answering({(201, JSON): PatrolSerializer}, *BODY_REFUSED, 409),
        operation_id="startPatrol",
    )
    def post(self, request: Request) -> Response:
        require_devices(owner_of(request))
        form = NewPatrolSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        worker = person_named(form.validated_data["username"], owner_of(request))
        patrol = actions.start_patrol(actor=owner_of(request), worker=worker, at=timezone.now())
        return Response(PatrolSerializer(patrol).data, status=201)


class OnePatrol(APIView):
    """One patrol with its track; its end."""

    @extend_schema(responses=answering({(200, JSON): OnePatrolSerializer}, 404), operation_id="getPatrol")
    def get(self, request: Request, public_id: UUID) -> Response:
        now = timezone.now()
        patrol = get_object_or_404(cards.patrols_seen_by(owner_of(request)), public_id=public_id)
        return Response({**PatrolSerializer(patrol).data, "track": cards.track(patrol, now)})

    @extend_schema(request=None, responses=answering({204: None}, 404, 409), operation_id="endPatrol")
    def delete(self, request: Request, public_id: UUID) -> Response:
        """End it now. Nothing is deleted."""
        now = timezone.now()
        patrol = get_object_or_404(cards.patrols_seen_by(owner_of(request)), public_id=public_id)
        actions.end_patrol(actor=owner_of(request), patrol=patrol, at=now)
        return Response(status=204)


class Uploads(APIView):
    """Tracks that were recorded without a connection."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": GpxSerializer},
        responses=answering({(201, JSON): UploadedSerializer}, *BODY_REFUSED, 413),
        operation_id="uploadTrack",
    )
    def post(self, request: Request) -> Response:
        """Take a GPX file of somebody's track. Points that were known are kept as duplicates."""
        require_devices(owner_of(request))
        form = GpxSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        worker = person_named(form.validated_data["username"], owner_of(request))
        uploaded = actions.upload_track(
            actor=owner_of(request), worker=worker, file=form.validated_data["file"], at=timezone.now()
        )
        unused = Counter(str(verdict.unused) for verdict in uploaded.verdicts if verdict.unused)
        said = {
            "taken": len(uploaded.verdicts),
            "used": len(uploaded.verdicts) - unused.total(),
            "unused": dict(unused),
            "without_time": uploaded.without_time,
        }
        return Response(said, status=201)


class Absences(APIView):
    """Who should be there and is not; the newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("open", OpenApiTypes.BOOL, description="Only those that go on")],
        responses=answering({(200, JSON): AbsenceSerializer(many=True)}),
        operation_id="listAbsences",
    )
    def get(self, request: Request) -> Response:
        absences = cards.absences_seen_by(owner_of(request))
        if request.query_params.get("open", "").lower() in ("1", "true"):
            absences = absences.filter(ended_at=None)
        return Response(AbsenceSerializer(absences[:MOST_LISTED], many=True).data)
