"""Messages over HTTP: one's own, acknowledging; what is stuck, why, trying again and giving up."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import Forbidden, NotFound
from geogrid.core.pages import MAX_PAGE, page_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, scopes_of, under
from incidents.api import checked, signed_in
from incidents.messages import actions
from incidents.messages.models import ClockRefusal, Message, MessageQuerySet
from incidents.messages.serializers import (
    GiveUpIn,
    MessageOut,
    MessagesQuery,
    PageOfMessages,
    RefusalOut,
)
from incidents.models import Incident, IncidentQuerySet

PAGE = OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page")


def page(request: Request, rows: MessageQuerySet) -> Response:
    rows = rows.select_related("incident", "to_unit").order_by("-created_at", "key")

    def show(found: list[Message]) -> Any:
        return MessageOut(found, many=True).data

    return Response(page_of(request, rows, show))


def seen_by(user: User) -> MessageQuerySet:
    """Messages about incidents on whose desk `user` dispatches."""
    return Message.objects.filter(incident__in=_on_desk_of(user))


def _on_desk_of(user: User) -> IncidentQuerySet:
    there = under(scopes_of(user).prefixes(Action.DISPATCH), "unit_code")
    return Incident.objects.visible_to(user).filter(there)


def refusals_seen_by(user: User) -> QuerySet[ClockRefusal]:
    """What the clock was refused in incidents on whose desk `user` dispatches."""
    return ClockRefusal.objects.filter(incident__in=_on_desk_of(user)).select_related("incident")


def need_dispatcher(user: User) -> None:
    if not may(user, Action.DISPATCH):
        raise Forbidden("Dispatchers see what is stuck. 派遣员可查看卡住的消息。")


class Messages(APIView):
    """One's own messages."""

    @extend_schema(
        operation_id="listMessages",
        parameters=[MessagesQuery, PAGE],
        responses=answering({200: PageOfMessages}, 422),
    )
    def get(self, request: Request) -> Response:
        """Messages to this person and to the units they handle for, the newest first."""
        user = signed_in(request)
        rows = Message.objects.all().to(user)
        if checked(MessagesQuery, request.query_params).validated_data["unread"]:
            rows = rows.filter(acknowledged_at=None)
        return page(request, rows)


class StuckMessages(APIView):
    """Messages that do not arrive."""

    @extend_schema(
        operation_id="listStuckMessages", parameters=[PAGE], responses=answering({200: PageOfMessages}, 422)
    )
    def get(self, request: Request) -> Response:
        """Given up after many tries, or not acknowledged in time; of incidents that this person
        dispatches.
        """
        user = signed_in(request)
        need_dispatcher(user)
        return page(request, seen_by(user).stuck())


class Acknowledgement(APIView):
    """Acknowledging one message."""

    @extend_schema(
        operation_id="acknowledgeMessage", request=None, responses=answering({200: MessageOut}, 404)
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Say that it was read, for oneself or one's unit."""
        user = signed_in(request)
        message = Message.objects.all().to(user).filter(pk=key).first()
        if message is None:
            raise NotFound("There is no such message for you. 没有发给您的该消息。")
        actions.acknowledge(message=message, actor=user, at=timezone.now())
        message.refresh_from_db()
        return Response(MessageOut(message).data)


class AnotherTry(APIView):
    """Sending one stuck message again."""

    @extend_schema(
        operation_id="retryMessage", request=None, responses=answering({200: MessageOut}, 404, 409)
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Try a stuck message again, under the same key."""
        user = signed_in(request)
        message = seen_by(user).filter(pk=key).first()
        if message is None:
            raise NotFound("There is no such message. 没有该消息。")
        actions.try_again(message=message, actor=user, at=timezone.now())
        message.refresh_from_db()
        return Response(MessageOut(message).data)


class GivingUp(APIView):
    """Giving one stuck message up."""

    @extend_schema(
        operation_id="giveUpMessage",
        request=GiveUpIn,
        responses=answering({200: MessageOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Wait for a stuck message no longer, with a reason that is kept."""
        user = signed_in(request)
        message = seen_by(user).filter(pk=key).first()
        if message is None:
            raise NotFound("There is no such message. 没有该消息。")
        reason = checked(GiveUpIn, request.data).validated_data["reason"]
        actions.give_up(message=message, actor=user, at=timezone.now(), reason=reason)
        message.refresh_from_db()
        return Response(MessageOut(message).data)


class RefusedChanges(APIView):
    """Changes that were due by time and are refused again and again."""

    @extend_schema(operation_id="listRefusedChanges", responses=answering({200: RefusalOut(many=True)}, 422))
    def get(self, request: Request) -> Response:
        """Of incidents that this person dispatches, the oldest first, two hundred at most."""
        user = signed_in(request)
        need_dispatcher(user)
        found = list(refusals_seen_by(user).order_by("first_at", "id")[:200])
        return Response(RefusalOut(found, many=True).data)


class RefusedAgain(APIView):
    """Letting the clock try one refused change at once."""

    @extend_schema(
        operation_id="retryRefusedChange", request=None, responses=answering({200: RefusalOut}, 404)
    )
    def post(self, request: Request, refusal: int) -> Response:
        """Try it at the clock's next round."""
        user = signed_in(request)
        found = refusals_seen_by(user).filter(pk=refusal).first() if refusal < 2**63 else None
        if found is None:
            raise NotFound("There is no such change. 没有该事项。")
        actions.try_refused_now(refusal=found, actor=user, at=timezone.now())
        found.refresh_from_db()
        return Response(RefusalOut(found).data)
