"""The duty list over HTTP: conditions added, put in the place of others, ended; and its history."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.models import AssetClass
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid, NotFound
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.api import checked, signed_in
from incidents.duty_list import serializers as shown
from incidents.duty_list.actions import AnyClass, add_condition, end_condition, replace_condition
from incidents.duty_list.conditions import ClassKind, ConditionText
from incidents.duty_list.models import DutyListEdition, FilingCondition
from incidents.models import EventClass

EDITIONS_SHOWN = 100


def class_named(asked: dict[str, Any]) -> AnyClass:
    """The class of a query.

    Raises:
        NotFound: when there is none.
    """
    model = AssetClass if asked["kind"] == ClassKind.ASSET else EventClass
    named = {name: asked[name] for name in ("scheme", "version", "code")}
    found = model._default_manager.filter(**named).first()
    if found is None:
        raise NotFound("没有这个类别。There is no such class.")
    return found


def _said(asked: dict[str, Any], kept: FilingCondition | None) -> tuple[ConditionText, dict[str, int]]:
    """What a form says, and the unit that it names. A unit written in a list that is no unit here stays
    as text."""
    columns = {name: value for name, value in asked.items() if name in ConditionText.__dataclass_fields__}
    unit = asked["handling_unit_id"]
    was = kept.handling_unit_text if kept is not None and kept.handling_unit_id is None else ""
    for photos in ("report_photos", "result_photos"):
        columns[photos] = tuple(dict.fromkeys(columns[photos]))
    text = ConditionText(**columns, handling_unit_text=unit.name if unit else was)
    return text, {unit.name: unit.pk} if unit else {}


def _twice(error: IntegrityError) -> Invalid:
    if "filing_condition_stands_once" not in str(error):
        raise error
    return Invalid(
        "该类别已有同样的立案条件。The class has this filing condition already.",
        {"text_zh": ["It stands in this class already. 该类别已有同样的立案条件。"]},
    )


class Conditions(APIView):
    """Filing conditions."""

    @extend_schema(
        operation_id="addFilingCondition",
        request=shown.NewConditionIn,
        responses=answering({(201, JSON): shown.FilingConditionOut}, *BODY_REFUSED, 404),
    )
    def post(self, request: Request) -> Response:
        """Add a condition to a class, in a new edition."""
        actor = signed_in(request)
        require(actor, Action.KEEP_RULES)
        asked = checked(shown.NewConditionIn, request.data).validated_data
        said, units = _said(asked, None)
        try:
            with transaction.atomic():
                made = add_condition(
                    one=class_named(asked), said=said, actor=actor, at=timezone.now(), units=units
                )
        except IntegrityError as error:
            raise _twice(error) from error
        return Response(shown.FilingConditionOut(made).data, status=201)


class OneCondition(APIView):
    """One filing condition."""

    @extend_schema(
        operation_id="changeFilingCondition",
        request=shown.ConditionIn,
        responses=answering({(200, JSON): shown.FilingConditionOut}, *BODY_REFUSED, 404, 409),
    )
    def put(self, request: Request, condition: int) -> Response:
        """Put another in its place, in a new edition. What was filed under it keeps it."""
        actor = signed_in(request)
        require(actor, Action.KEEP_RULES)
        asked = checked(shown.ConditionIn, request.data).validated_data
        kept = get_object_or_404(FilingCondition.objects.with_class(), pk=condition)
        said, units = _said(asked, kept)
        try:
            with transaction.atomic():
                made = replace_condition(condition=kept, by=said, actor=actor, at=timezone.now(), units=units)
        except IntegrityError as error:
            raise _twice(error) from error
        return Response(shown.FilingConditionOut(made).data)

    @extend_schema(operation_id="endFilingCondition", responses=answering({204: None}, 404, 409))
    def delete(self, request: Request, condition: int) -> Response:
        """Nothing is filed under it any more."""
        actor = signed_in(request)
        kept = get_object_or_404(FilingCondition.objects.with_class(), pk=condition)
        require(actor, Action.KEEP_RULES)
        end_condition(condition=kept, actor=actor, at=timezone.now())
        return Response(status=204)


class History(APIView):
    """The conditions of one class, of now and of before."""

    @extend_schema(
        operation_id="listFilingConditionHistory",
        parameters=[shown.ClassQuery],
        responses=answering({(200, JSON): shown.ConditionVersionOut(many=True)}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """Every version, the newest first, with the editions in which it began and ended."""
        of_class = class_named(checked(shown.ClassQuery, request.query_params).validated_data)
        rows = FilingCondition.objects.of_class(of_class).select_related("edition_from", "edition_to")
        rows = rows.order_by("-edition_from_id", "place_in_class", "pk")
        return Response(shown.ConditionVersionOut(rows[:EDITIONS_SHOWN], many=True).data)


class Editions(APIView):
    """The changes of the duty list."""

    @extend_schema(
        operation_id="listDutyListEditions",
        responses=answering({(200, JSON): shown.DutyListEditionOut(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """The last hundred changes: who, when, how many conditions began and ended."""
        require(signed_in(request), Action.KEEP_AREAS)
        rows = list(DutyListEdition.objects.order_by("-number")[:EDITIONS_SHOWN])
        counted = {
            name: dict(
                FilingCondition.objects.filter(**{f"{column}__in": rows})
                .values_list(column)
                .annotate(Count("pk"))
                .order_by()
            )
            for name, column in (("began", "edition_from"), ("ended", "edition_to"))
        }
        found = [
            {
                "number": row.number,
                "made_at": row.made_at,
                "actor": row.actor,
                "note": row.note,
                "began": counted["began"].get(row.number, 0),
                "ended": counted["ended"].get(row.number, 0),
            }
            for row in rows
        ]
        return Response(shown.DutyListEditionOut(found, many=True).data)
