"""The responsibility table over HTTP: searched, written by editions, put in order; and the units to name."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid
from geogrid.organisations.models import Organisation
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.api import checked, signed_in
from incidents.responsibility import serializers as shown
from incidents.responsibility.actions import add_rule, end_rules, move_rule, replace_rule
from incidents.responsibility.models import (
    ResponsibilityEdition,
    ResponsibilityRule,
    ResponsibilityRuleQuerySet,
)

EDITIONS_SHOWN = 100


def listed(rows: ResponsibilityRuleQuerySet) -> list[ResponsibilityRule]:
    """Lines with their units, in the order in which they are asked."""
    rows = rows.select_related("lead", "asset_unit").prefetch_related("co_handlers")
    return sorted(rows, key=lambda row: row.as_rule().rank)


def rule_in_force(pk: int) -> ResponsibilityRule:
    """The line, also one that has just ended: what is done to it then says so."""
    found: ResponsibilityRule = get_object_or_404(ResponsibilityRule, pk=pk)
    return found


def said_by(request: Request) -> dict[str, Any]:
    """What a form says of a line.

    Raises:
        Forbidden: for who does not keep the rules. ValidationError: with the fields that are wrong.
    """
    require(signed_in(request), Action.KEEP_RULES)
    said: dict[str, Any] = checked(shown.RuleIn, request.data).validated_data
    return said


def _own_name(error: IntegrityError, name: str) -> Invalid:
    if "responsibility_rule_has_a_name_of_its_own" not in str(error):
        raise error
    return Invalid(
        f"已有同名规则“{name}”。Another rule in force is called {name}.",
        {"name": ["Another rule in force has this name. 已有同名规则。"]},
    )


class Rules(APIView):
    """The responsibility table."""

    @extend_schema(
        operation_id="listResponsibilityRules",
        parameters=[shown.RulesQuery],
        responses=answering({(200, JSON): shown.RuleOut(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """The lines in force, or of an edition, in the order in which they are asked."""
        asked = checked(shown.RulesQuery, request.query_params).validated_data
        rows = ResponsibilityRule.objects.all()
        rows = rows.of_edition(asked["edition"]) if "edition" in asked else rows.current()
        for word in asked.get("q", "").split():
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(lead__name__icontains=word)
                | Q(lead__name_en__icontains=word)
                | Q(code__startswith=word)
                | Q(place_code__startswith=word)
            )
        return Response(shown.RuleOut(listed(rows), many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="addResponsibilityRule",
        request=shown.RuleIn,
        responses=answering({(201, JSON): shown.RuleOut}, *BODY_REFUSED),
    )
    def post(self, request: Request) -> Response:
        """Add a line, in a new edition of the table."""
        said = said_by(request)
        try:
            with transaction.atomic():
                made = add_rule(actor=signed_in(request), at=timezone.now(), **said)
        except IntegrityError as error:
            raise _own_name(error, said["name"]) from error
        return Response(shown.RuleOut(made).data, status=201)


class OneRule(APIView):
    """One line of the table."""

    @extend_schema(
        operation_id="changeResponsibilityRule",
        request=shown.RuleIn,
        responses=answering({(200, JSON): shown.RuleOut}, *BODY_REFUSED, 404, 409),
    )
    def put(self, request: Request, rule: int) -> Response:
        """Put another line in its place, in a new edition; the old one stays for what it fired for."""
        said = said_by(request)
        try:
            with transaction.atomic():
                made = replace_rule(
                    rule=rule_in_force(rule), actor=signed_in(request), at=timezone.now(), **said
                )
        except IntegrityError as error:
            raise _own_name(error, said["name"]) from error
        return Response(shown.RuleOut(made).data)

    @extend_schema(operation_id="endResponsibilityRule", responses=answering({204: None}, 404, 409))
    def delete(self, request: Request, rule: int) -> Response:
        """It fires no more from now on."""
        found = rule_in_force(rule)
        require(signed_in(request), Action.KEEP_RULES)
        end_rules(rules=[found], actor=signed_in(request), at=timezone.now())
        return Response(status=204)


class Order(APIView):
    """The order in which the lines are asked."""

    @extend_schema(
        operation_id="orderResponsibilityRules",
        request=shown.OrderIn,
        responses=answering({(200, JSON): shown.OrderOut}, *BODY_REFUSED, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Have a line asked just before another. Those whose priority that changes are new lines."""
        actor = signed_in(request)
        require(actor, Action.KEEP_RULES)
        asked = checked(shown.OrderIn, request.data).validated_data
        before = rule_in_force(asked["before"]) if asked["before"] else None
        changed = move_rule(rule=rule_in_force(asked["rule"]), before=before, actor=actor, at=timezone.now())
        rules = listed(ResponsibilityRule.objects.current())
        return Response(shown.OrderOut({"changed": changed, "rules": rules}).data)


class Editions(APIView):
    """The changes of the table."""

    @extend_schema(
        operation_id="listResponsibilityEditions",
        responses=answering({(200, JSON): shown.TableEditionOut(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """The last hundred changes: who, when, which lines began and ended."""
        require(signed_in(request), Action.KEEP_AREAS)
        rows = ResponsibilityEdition.objects.prefetch_related("began", "ended").order_by("-number")
        found = [
            {
                "number": row.number,
                "made_at": row.made_at,
                "actor": row.actor,
                "note": row.note,
                "began": [rule.name for rule in row.began.all()],
                "ended": [rule.name for rule in row.ended.all()],
            }
            for row in rows[:EDITIONS_SHOWN]
        ]
        return Response(shown.TableEditionOut(found, many=True).data)


class Units(APIView):
    """Units that can be named."""

    @extend_schema(
        operation_id="listHandlingUnits",
        responses=answering({(200, JSON): shown.HandlingUnitOut(many=True)}),
    )
    def get(self, request: Request) -> Response:
        """All active units, by name."""
        rows = Organisation.objects.filter(is_active=True).order_by("name", "pk")
        return Response(shown.HandlingUnitOut(rows, many=True).data)  # type: ignore[arg-type]
