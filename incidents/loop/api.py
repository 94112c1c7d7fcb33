"""The closed loop over HTTP: one incident's loop, every move, applications, and a unit's queue."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.models import AssetClass
from geogrid.core.documented import answering
from geogrid.core.errors import Conflict, NotFound
from geogrid.core.pages import MAX_PAGE, page_of
from geogrid.organisations.models import User
from incidents import actions, cards
from incidents.api import checked, incident_for, signed_in
from incidents.claims.actions import release, require_free
from incidents.clocks.actions import city_calendar
from incidents.loop import ending, handling, levels, people, reclassing, two_persons
from incidents.loop import serializers as asked
from incidents.loop.models import Application, IncidentClock, SentMove, WorkOrder
from incidents.loop.orders import Sending
from incidents.loop.showing import clock_shown, loop_of, order_shown
from incidents.models import EventClass, Incident
from incidents.papers.actions import issue
from incidents.serializers import idempotency_key, person_named
from incidents.taking import held_still
from incidents.viewer import Viewer
from incidents.workflow import BY_TWO, ClosingCode, Move

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key with the same body is made once",
)


def shown(request: Request, incident: Incident) -> Response:
    viewer = Viewer(signed_in(request))
    seen = cards.for_card(Incident.objects.all()).get(pk=incident.pk)
    return Response(asked.LoopOut(loop_of(seen, viewer, timezone.now()), context={"viewer": viewer}).data)


def once(request: Request, incident: Incident, user: User) -> bool:
    """Whether this call is to be made: False for one that came before with the same key and body.

    Raises:
        Conflict: the key was used for something else.
    """
    key = idempotency_key(request.headers.get("Idempotency-Key"))
    if key is None:
        return True
    body = json.dumps([incident.number, request.data], sort_keys=True, default=str)
    digest = hashlib.sha256(body.encode()).hexdigest()
    # Of two at once the second waits here for the first.
    sent, is_new = SentMove.objects.get_or_create(
        client=f"user:{user.pk}",
        idempotency_key=key,
        defaults={"request_hash": digest, "incident": incident, "sent_at": timezone.now()},
    )
    if not is_new and sent.request_hash != digest:
        raise Conflict("This idempotency key was used for another move. 该幂等键已用于其他操作。")
    return is_new


class IncidentLoop(APIView):
    """The closed loop of one incident."""

    @extend_schema(operation_id="getLoop", responses=answering({200: asked.LoopOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Timeline, clocks with lights, work orders, applications, and the moves that are offered."""
        return shown(request, incident_for(request, number))


class LoopMoves(APIView):
    """Moves of one incident, all of them."""

    @extend_schema(
        operation_id="takeLoopMove",
        request=asked.LoopMoveIn,
        parameters=[KEY],
        responses=answering({200: asked.LoopOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Make a move, or apply for it where two persons are needed; the answer is the loop after it."""
        user = signed_in(request)
        incident = incident_for(request, number)
        said = checked(asked.LoopMoveIn, request.data).validated_data
        with transaction.atomic():
            if once(request, incident, user):
                # First what somebody else did meanwhile: it may be why this is not theirs to do any more.
                held_still(incident, user, said["seen_step"])
                require_free(incident, Move(said["move"]), user, timezone.now())
                make(incident, said, user, timezone.now())
                release(incident=incident, actor=user)
        return shown(request, incident)


def make(incident: Incident, said: dict[str, Any], user: User, at: datetime) -> None:
    """Make the move that was asked for."""
    move, note = Move(said["move"]), said["note"]
    by: dict[str, Any] = {"incident": incident, "actor": user, "at": at, "seen_step": said["seen_step"]}
    units = [Sending(one["unit"], one["role"], one["is_mandatory"], one["limit"]) for one in said["units"]]
    code = ClosingCode(said["code"]) if said["code"] else None
    if move in BY_TWO:
        two_persons.apply(move=move, note=note, until=said["until"], code=code, **by)
        return
    match move:
        case Move.FILE:
            words = said["filing_condition"]
            actions.file(note=note, filing_condition=words, condition_id=said["condition"], **by)
        case Move.REJECT:
            actions.reject(note=note, response=said.get("response", ""), **by)
        case Move.HANDLE_ON_SPOT:
            actions.handle_on_spot(note=note, **by)
        case Move.RECLASSIFY:
            of_class, condition = class_asked(said), said["condition"]
            reclassing.reclassify(of_class=of_class, condition_id=condition, note=note, **by)
        case Move.HAND_OVER:
            actions.hand_over(to=person_named(said["to"]), note=note, **by)
        case Move.ASK_CHECK:
            ending.ask_check(note=note, **by)
        case Move.VERIFY_REPORT:
            ending.verify_report(is_true=said["is_true"], note=note, **by)
        case Move.DISPATCH:
            handling.dispatch(units=units, note=note, **by)
        case Move.ADD_UNIT:
            handling.add_unit(units=units, note=note, **by)
        case Move.WHISTLE:
            handling.whistle(
                units=units,
                meeting_at=said["meeting_at"],
                meeting_place=said["meeting_place"],
                note=note,
                **by,
            )
        case Move.ACCEPT:
            handling.accept(**by)
        case Move.ARRIVE | Move.SIGN_IN:
            handling.arrive(move=move, place=said["place"], note=note, **by)
        case Move.RETURN:
            handling.return_(note=note, suggested_unit=said["suggested_unit"] or None, **by)
        case Move.HAND_IN:
            handling.hand_in(result=said["result"], **by)
        case Move.CO_ACCEPT | Move.CO_RETURN | Move.CO_HAND_IN:
            words = said["result"] if move == Move.CO_HAND_IN else note
            handling.co_handle(move=move, note=words, suggested_unit=said["suggested_unit"] or None, **by)
        case Move.PASS_CHECK | Move.FAIL_CHECK:
            passes = move == Move.PASS_CHECK
            ending.verify_result(passes=passes, mark=said["mark"], note=note, **by)
        case Move.CLOSE:
            response = said.get("response", "")
            ending.close(code=code or ClosingCode.SOLVED, note=note, response=response, **by)
        case Move.REOPEN:
            ending.reopen(note=note, **by)
        case Move.RATE:
            ending.rate(satisfaction=said["satisfaction"], note=note, **by)
        case Move.PASS_UP | Move.PASS_DOWN:
            levels.pass_on(move=move, note=note, **by)
        case Move.REMIND | Move.SUPERVISE:
            issue(move=move, note=note, **by)
        case Move.RESUME:
            two_persons.resume(note=note, **by)


def class_asked(said: dict[str, Any]) -> AssetClass | EventClass | None:
    """The class that a request names, if it names one."""
    if said.get("asset_class"):
        return AssetClass.objects.get(pk=said["asset_class"])
    return EventClass.objects.get(pk=said["event_class"]) if said.get("event_class") else None


class Applications(APIView):
    """Applications of one incident."""

    @extend_schema(
        operation_id="decideApplication",
        request=asked.DecisionIn,
        parameters=[KEY],
        responses=answering({200: asked.LoopOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str, application: int) -> Response:
        """Approve or refuse what somebody else applied for."""
        user = signed_in(request)
        incident = incident_for(request, number)
        said = checked(asked.DecisionIn, request.data).validated_data
        found = Application.objects.filter(incident=incident, pk=application).first()
        if found is None:
            raise NotFound("There is no such application. 没有该申请。")
        with transaction.atomic():
            if once(request, incident, user):
                how: dict[str, Any] = {"application": found, "actor": user, "at": timezone.now()}
                if said["approve"]:
                    two_persons.approve(note=said["note"], seen_step=said["seen_step"], **how)
                else:
                    two_persons.refuse(note=said["note"], **how)
        return shown(request, incident)


class WorkOrders(APIView):
    """The queue of the viewer's units."""

    @extend_schema(
        operation_id="listWorkOrders",
        parameters=[
            asked.QueueQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page"),
        ],
        responses=answering({200: asked.PageOfWorkOrders}, 422),
    )
    def get(self, request: Request) -> Response:
        """Work orders of the units that this person handles for, the nearest deadline first."""
        user, at = signed_in(request), timezone.now()
        state = checked(asked.QueueQuery, request.query_params).validated_data["state"]
        wanted = {"open": Q(state__in=["SENT", "ACCEPTED"]), "all": Q()}.get(state, Q(state=state))
        rows = WorkOrder.objects.filter(wanted, unit_id__in=people.units_of(user))
        rows = rows.select_related("unit", "handler", "suggested_unit").order_by("-sent_at", "-id")
        viewer, calendar = Viewer(user), city_calendar()

        def show(found: list[WorkOrder]) -> Any:
            ids = [order.incident_id for order in found]
            seen = cards.for_rows(Incident.objects.visible_to(user).filter(pk__in=ids)).in_bulk()
            clocks: dict[int | None, list[dict[str, Any]]] = {}
            for row in IncidentClock.objects.filter(work_order__in=found).order_by("id"):
                clocks.setdefault(row.work_order_id, []).append(clock_shown(row, calendar, at))
            pairs = [
                {
                    "order": order_shown(order, viewer, seen[order.incident_id], clocks.get(order.pk, [])),
                    "incident": seen[order.incident_id],
                }
                for order in found
                if order.incident_id in seen
            ]
            return asked.QueuedOut(pairs, many=True, context={"viewer": viewer}).data

        return Response(page_of(request, rows, show, rows.count()))
