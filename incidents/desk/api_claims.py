"""Working together at the desk over HTTP: claims, bulk dispatch, filters to choose from and to keep."""

from datetime import datetime

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.models import AssetClass
from geogrid.core.documented import answering
from geogrid.core.errors import Forbidden, NotFound
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may
from incidents.api import checked, incident_for, signed_in
from incidents.claims import actions as claims
from incidents.claims.models import SavedFilter
from incidents.desk import serializers_claims as asked
from incidents.desk.bulk import dispatch_all
from incidents.desk.choices import HANDLES
from incidents.loop.offers import offered
from incidents.loop.orders import Sending
from incidents.models import EventClass, Incident
from incidents.viewer import Viewer


def shown(incident: Incident, user: User, at: datetime) -> Response:
    """Who has it in work, as this person may know it."""
    held = claims.live_claim(incident, at)
    viewer = Viewer(user)
    said = {
        "is_claimed": held is not None,
        "is_mine": held is not None and held.user_id == user.pk,
        "by": viewer.name(incident, held.user) if held else "",
        "since": held.taken_at if held else None,
        "taken_from": viewer.name(incident, held.taken_from) if held else "",
        "taken_from_me": held is not None and held.taken_from_id == user.pk,
        "word": held.word if held else "",
    }
    return Response(asked.ClaimOut(said).data)


class IncidentClaim(APIView):
    """Who has one case in work."""

    @extend_schema(operation_id="getClaim", responses=answering({200: asked.ClaimOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Who has it open for work just now."""
        return shown(incident_for(request, number), signed_in(request), timezone.now())

    @extend_schema(
        operation_id="claimIncident",
        request=asked.ClaimIn,
        responses=answering({200: asked.ClaimOut}, 400, 404, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Claim it, or renew the own claim; who decides nothing here at the desk only looks.

        Somebody else's claim stays, unless `take_over` with a word to them.
        """
        user, at = signed_in(request), timezone.now()
        incident = incident_for(request, number)
        said = checked(asked.ClaimIn, request.data).validated_data
        theirs = {one["move"] for one in offered(incident, user, at)}
        if theirs & {move.value for move in claims.OF_THE_DESK}:
            claims.claim(incident=incident, actor=user, at=at, take_over=said["take_over"], word=said["word"])
        return shown(incident, user, at)

    @extend_schema(operation_id="releaseClaim", responses=answering({204: None}, 404))
    def delete(self, request: Request, number: str) -> Response:
        """Let go of the own claim."""
        claims.release(incident=incident_for(request, number), actor=signed_in(request))
        return Response(status=204)


class BulkDispatch(APIView):
    """Sending many incidents to the same units."""

    @extend_schema(
        operation_id="dispatchMany",
        request=asked.BulkDispatchIn,
        responses=answering({200: asked.BulkDispatchOut}, 400, 415, 422),
    )
    def post(self, request: Request) -> Response:
        """Dispatch each of them; those that are refused are named with the reason."""
        user = signed_in(request)
        if not may(user, Action.DISPATCH):
            raise Forbidden("Dispatchers send units. 派遣员可派遣。")
        said = checked(asked.BulkDispatchIn, request.data).validated_data
        units = [
            Sending(one["unit"], one["role"], one["is_mandatory"], one["limit"]) for one in said["units"]
        ]
        sent, refused = dispatch_all(
            numbers=said["numbers"], units=units, actor=user, at=timezone.now(), note=said["note"]
        )
        return Response(asked.BulkDispatchOut({"sent": sent, "refused": refused}).data)


class DeskFilters(APIView):
    """What lists of the desk can be narrowed by, and the own kept lists."""

    @extend_schema(operation_id="listDeskFilters", responses=answering({200: asked.DeskFiltersOut}))
    def get(self, request: Request) -> Response:
        """Classes and units in use, and what this person keeps."""
        user = signed_in(request)
        classes = [
            *AssetClass.objects.filter(is_active=True).order_by("code"),
            *EventClass.objects.filter(is_active=True).order_by("code"),
        ]
        units = Organisation.objects.filter(is_active=True, kinds__contains=[HANDLES]).order_by("name", "id")
        kept = SavedFilter.objects.filter(user=user).order_by("name")
        return Response(asked.DeskFiltersOut({"classes": classes, "units": units, "saved": kept}).data)

    @extend_schema(
        operation_id="saveDeskFilter",
        request=asked.SavedFilterIn,
        responses=answering({200: asked.SavedFilterOut}, 400, 409, 415, 422),
    )
    def post(self, request: Request) -> Response:
        """Keep a list under a name; the same name is written over."""
        said = checked(asked.SavedFilterIn, request.data).validated_data
        wanted = {name: str(value) for name, value in said["said"].items() if value}
        kept = claims.save_filter(user=signed_in(request), name=said["name"], said=wanted)
        return Response(asked.SavedFilterOut(kept).data)


class DeskFilter(APIView):
    """One kept list."""

    @extend_schema(operation_id="forgetDeskFilter", responses=answering({204: None}, 404))
    def delete(self, request: Request, saved: int) -> Response:
        """Forget it."""
        mine = SavedFilter.objects.filter(user=signed_in(request), pk=saved) if saved < 2**63 else None
        if mine is None or not mine.delete()[0]:
            raise NotFound("You keep no such list. 没有该筛选。")
        return Response(status=204)
