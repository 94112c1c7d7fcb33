"""Incidents over HTTP: intake, list, card, moves, place, photos, contact; and who answers for a point."""

import re
from typing import Any, TypeVar

from django.contrib.gis.geos import Polygon
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import Conflict, Forbidden, NotFound
from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.core.pages import MAX_PAGE, page_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, scopes_of
from incidents import actions, cards, choices, intake
from incidents import serializers as asked
from incidents.answers import answers
from incidents.models import EventClass, Incident, IncidentQuerySet
from incidents.moves import offered
from incidents.receiving import answer_to, call_of
from incidents.viewer import Viewer
from incidents.workflow import Move

MOST_COUNTED = 10_000
Form = TypeVar("Form", bound=serializers.Serializer[Any])
NUMBER = re.compile(r"[0-9]{8}-[0-9]{6}")


def checked(form: type[Form], data: Any) -> Form:
    """A form filled with `data`.

    Raises:
        ValidationError: with the fields that are wrong.
    """
    filled = form(data=data)
    filled.is_valid(raise_exception=True)
    return filled


def signed_in(request: Request) -> User:
    """The person asking; the permission classes have let nobody else in."""
    if not isinstance(request.user, User):
        raise Forbidden("Please log in.")
    return request.user


def incident_for(request: Request, number: str, *, for_card: bool = False) -> Incident:
    """The incident, if there is one that this person may see.

    Raises:
        NotFound: as well when it is there and may not be seen.
    """
    if not NUMBER.fullmatch(number):
        raise NotFound("There is no such incident.")
    seen = Incident.objects.visible_to(signed_in(request))
    if for_card:
        seen = cards.for_card(seen)
    found = seen.filter(number=number).first()
    if found is None:
        raise NotFound("There is no such incident.")
    return found


def card_of(request: Request, number: str) -> Response:
    incident = incident_for(request, number, for_card=True)
    shown = cards.IncidentCardOut(incident, context={"viewer": Viewer(signed_in(request))})
    return Response(shown.data)


class Incidents(APIView):
    """The list of incidents, and the intake."""

    @extend_schema(
        operation_id="listIncidents",
        parameters=[
            asked.ListQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page"),
        ],
        responses=answering({200: cards.PageOfIncidents}, 422),
    )
    def get(self, request: Request) -> Response:
        """Incidents that this person may see, the newest first."""
        user = signed_in(request)
        wanted = checked(asked.ListQuery, request.query_params).validated_data
        rows = _matching(Incident.objects.visible_to(user), user, wanted)
        # Counted without their order: in it, a part of the city would be looked for through all the years.
        count = rows[:MOST_COUNTED].count()
        rows = cards.for_rows(rows).order_by("-reported_at", "-id")
        context = {"viewer": Viewer(user)}

        def show(found: list[Incident]) -> Any:
            return cards.IncidentRowOut(found, many=True, context=context).data  # type: ignore[arg-type]

        return Response(page_of(request, rows[:MOST_COUNTED], show, count))

    @extend_schema(
        operation_id="reportIncident",
        request=asked.ReportIn,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The same key with the same report is the same incident",
            )
        ],
        responses=answering({201: cards.ReceiptOut, 200: cards.ReceiptOut}, 400, 409, 415, 422),
    )
    def post(self, request: Request) -> Response:
        """Report a problem. Number, cell, units, asset and worker are derived; the answer names them."""
        user = signed_in(request)
        call = call_of(user, request.headers.get("Idempotency-Key"), lambda: request.data)
        [receipt] = intake.report_all([call])
        if isinstance(receipt, Conflict):
            raise receipt
        status, answer = answer_to(user, receipt)
        return Response(answer, status=status)


def _matching(rows: IncidentQuerySet, user: User, wanted: dict[str, Any]) -> IncidentQuerySet:
    """`rows` narrowed to what the query string asks for."""
    if wanted["stage"] == ["OPEN"]:
        rows = rows.unfinished()
    elif wanted["stage"]:
        rows = rows.filter(stage__in=wanted["stage"])
    if wanted["mine"]:
        has_tasks = may(user, Action.SEE_INCIDENTS)
        rows = rows.of(user) if has_tasks else rows.filter(reported_by=user)
    if wanted["asset"]:
        rows = rows.filter(asset__code=wanted["asset"])
    if wanted["unit"]:
        rows = rows.filter(unit_code__startswith=wanted["unit"])
    if wanted["bbox"]:
        box = Polygon.from_bbox(wanted["bbox"])
        box.srid = STORAGE_SRID
        rows = rows.filter(geom_3857__bboverlaps=box.transform(TILE_SRID, clone=True))
    for word in wanted["q"].split():
        found = Q(number__startswith=word) | Q(asset__code=word)
        if scopes_of(user).reads_words:  # else one could guess at them
            found |= Q(description__icontains=word) | Q(location_text__icontains=word)
        rows = rows.filter(found)
    return rows


class IncidentCard(APIView):
    """One incident."""

    @extend_schema(operation_id="getIncident", responses=answering({200: cards.IncidentCardOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """The incident with its timeline and photos."""
        return card_of(request, number)


class IncidentMoves(APIView):
    """Moves of one incident."""

    @extend_schema(
        operation_id="listMoves", responses=answering({200: choices.OfferedMoveOut(many=True)}, 404)
    )
    def get(self, request: Request, number: str) -> Response:
        """The moves that this person could make now, and what each needs."""
        return Response(offered(incident_for(request, number), signed_in(request)))

    @extend_schema(
        operation_id="takeMove",
        request=asked.MoveIn,
        responses=answering({200: cards.IncidentCardOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Make a move; the answer is the incident after it."""
        user, at = signed_in(request), timezone.now()
        incident = incident_for(request, number)
        said = checked(asked.MoveIn, request.data).validated_data
        note = said["note"]
        match Move(said["move"]):
            case Move.FILE:
                condition = said["filing_condition"]
                actions.file(incident=incident, actor=user, at=at, note=note, filing_condition=condition)
            case Move.REJECT:
                actions.reject(incident=incident, actor=user, at=at, note=note)
            case Move.HANDLE_ON_SPOT:
                actions.handle_on_spot(incident=incident, actor=user, at=at, note=note)
            case Move.HAND_OVER:
                to = asked.person_named(said["to"])
                actions.hand_over(incident=incident, to=to, actor=user, at=at, note=note)
        return card_of(request, number)


class IncidentPlace(APIView):
    """The place of one incident."""

    @extend_schema(
        operation_id="movePlace",
        request=asked.PlaceIn,
        responses=answering({200: cards.IncidentCardOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Correct the place. Cell, units and worker follow, and the timeline says old and new."""
        incident = incident_for(request, number)
        said = checked(asked.PlaceIn, request.data).validated_data
        actions.move_place(
            incident=incident,
            lng=said["lng"],
            lat=said["lat"],
            actor=signed_in(request),
            at=timezone.now(),
            note=said["reason"],
        )
        # The new place may lie beyond what the person sees; the move was theirs, so the card is shown.
        moved = cards.for_card(Incident.objects.all()).get(pk=incident.pk)
        shown = cards.IncidentCardOut(moved, context={"viewer": Viewer(signed_in(request))})
        return Response(shown.data)


class IncidentPhotos(APIView):
    """Photos of one incident."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="addIncidentPhoto",
        request={"multipart/form-data": asked.PhotoIn},
        responses=answering({201: cards.IncidentPhotoOut}, 400, 404, 409, 413, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a photo. What is shown later carries neither its place nor its time."""
        incident = incident_for(request, number)
        said = checked(asked.PhotoIn, request.data).validated_data
        link = actions.add_photo(
            incident=incident,
            file=said["file"],
            role=said["role"],
            actor=signed_in(request),
            at=timezone.now(),
        )
        return Response(cards.IncidentPhotoOut(link).data, status=201)


class IncidentContactRead(APIView):
    """The reporter's contact."""

    @extend_schema(
        operation_id="readContact",
        request=asked.ContactReasonIn,
        responses=answering({200: cards.ContactOut}, 400, 404, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Read how to reach the reporter. The reading is logged with its reason."""
        user = signed_in(request)
        incident = incident_for(request, number)
        if not may(user, Action.READ_CONTACT, incident.place_code()):
            raise NotFound("There is no contact to read.")
        reason = checked(asked.ContactReasonIn, request.data).validated_data["reason"]
        contact = actions.read_contact(incident=incident, reader=user, at=timezone.now(), reason=reason)
        if contact is None:
            raise NotFound("There is no contact to read.")
        return Response(cards.ContactOut(contact).data)


class EventClasses(APIView):
    """The catalogue of kinds of problems."""

    @extend_schema(
        operation_id="listEventClasses", responses=answering({200: choices.EventClassOut(many=True)})
    )
    def get(self, request: Request) -> Response:
        """Kinds of problems that are no object, in use now."""
        rows = EventClass.objects.filter(is_active=True).order_by("code", "scheme", "version")
        return Response(choices.EventClassOut(rows, many=True).data)


class Answers(APIView):
    """Who answers for a point."""

    @extend_schema(
        operation_id="whoAnswers",
        parameters=[asked.PointQuery],
        responses=answering({200: choices.AnswersOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Who answers here, and why: cell, units, the person on duty, the reasons."""
        point = checked(asked.PointQuery, request.query_params).validated_data
        found = answers(lng=point["lng"], lat=point["lat"], viewer=signed_in(request), at=timezone.now())
        return Response(choices.AnswersOut(found).data)
