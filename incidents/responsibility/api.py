"""Responsibility over HTTP: which rule fires here now and why, what no rule answers, managed areas."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.models import Asset, AssetClass
from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid
from geogrid.organisations.models import Organisation
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import Cell, GridUnit, Level
from incidents.answers import answering_at
from incidents.api import checked, signed_in
from incidents.clocks.actions import city_calendar
from incidents.known_classes import asset_classes, event_classes
from incidents.models import EventClass, county_code
from incidents.responsibility import serializers as shown
from incidents.responsibility.actions import draw_area, end_area, find_gaps, find_idle
from incidents.responsibility.answering import (
    Place,
    answer,
    areas_at,
    case_for,
    current_rules,
    newest_edition,
)
from incidents.responsibility.models import ManagedArea
from incidents.responsibility.telling import told_at

MOST_SHOWN = 500


def _class_of(kind: str, code: str) -> AssetClass | EventClass:
    known, model = (asset_classes, AssetClass) if kind == "asset" else (event_classes, EventClass)
    pk = known.id_of(code)
    if pk is None:
        raise Invalid(
            f"没有类别 {code}。There is no class {code} in use.", {"code": ["There is no such class."]}
        )
    found: AssetClass | EventClass = model._default_manager.get(pk=pk)
    return found


class Simulate(APIView):
    """Which rule fires."""

    @extend_schema(
        operation_id="simulateResponsibility",
        parameters=[shown.SimulateQuery],
        responses=answering({200: shown.SimulatedOut}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """Which rule fires here, now, for this class, and why; and which others were looked at."""
        asked = checked(shown.SimulateQuery, request.query_params).validated_data
        at = asked.get("at") or timezone.now()
        of_class = _class_of(asked["kind"], asked["code"])
        asset = None
        if "asset" in asked:
            units = ("maintainer", "owner", "competent_authority")
            asset = get_object_or_404(Asset.objects.select_related(*units), public_id=asked["asset"])
        lies = answering_at(lng=asked["lng"], lat=asked["lat"], at=at)
        place = Place(lies.unit_code or county_code(), asked["lng"], asked["lat"])
        rules, calendar = current_rules(), city_calendar()
        case = case_for(
            of_class=of_class, place=place, asset=asset, at=at, level=asked["level"], calendar=calendar
        )
        fired = answer(
            of_class=of_class,
            place=place,
            asset=asset,
            at=at,
            level=asked["level"],
            rules=rules,
            calendar=calendar,
        )
        own = [fired.lead] if fired.lead else []
        named = Organisation.objects.in_bulk([*own, *fired.co_handlers, *fired.next_units])
        about = [rule for rule in sorted(rules, key=lambda one: one.rank) if "class" not in rule.misses(case)]
        found: dict[str, Any] = {
            "source": fired.source,
            "rule": fired.rule,
            "edition": fired.edition,
            "place_code": place.unit_code,
            "lead": named.get(fired.lead) if fired.lead else None,
            "co_handlers": [named[pk] for pk in fired.co_handlers],
            "next_units": [named[pk] for pk in fired.next_units],
            "why": {"zh": fired.why_zh, "en": fired.why_en},
            "considered": [
                {
                    "name": rule.name,
                    "priority": rule.priority,
                    "matches": rule.matches(case),
                    "misses": list(rule.misses(case)),
                }
                for rule in about[:50]
            ],
            "areas": areas_at(place, case, at),
        }
        return Response(shown.SimulatedOut(found).data)


class Gaps(APIView):
    """What no rule answers."""

    @extend_schema(operation_id="listResponsibilityGaps", responses=answering({200: shown.GapsOut}))
    def get(self, request: Request) -> Response:
        """Classes, communities and hours without a rule (at most 500), rules that never fire, and places
        without any unit."""
        require(signed_in(request), Action.KEEP_AREAS)
        rules, calendar, at = current_rules(), city_calendar(), timezone.now()
        found = find_gaps(rules, calendar, at)
        listed = {
            "edition": newest_edition(),
            "rules": len(rules),
            "count": len(found),
            "gaps": found[:MOST_SHOWN],
            "idle": find_idle(rules, calendar, at),
            "places_without_unit": _without_unit(),
        }
        return Response(shown.GapsOut(listed).data)


def _without_unit() -> list[str]:
    """Communities of which neither they nor a unit above names a unit to handle things."""
    named = tuple(GridUnit.objects.filter(organisation__isnull=False).values_list("code", flat=True))
    codes = GridUnit.objects.filter(level=Level.COMMUNITY).values_list("code", flat=True).order_by("code")
    own = set(
        Cell.objects.filter(maintainer=None, owner=None).values_list("community__code", flat=True).distinct()
    )
    return [code for code in codes if not code.startswith(named) and code in own]


class ManagedAreas(APIView):
    """Places where something else holds."""

    @extend_schema(
        operation_id="listManagedAreas",
        parameters=[shown.AreasQuery],
        responses=answering({(200, JSON): shown.AreaOut(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """Areas that are valid now or later."""
        asked = checked(shown.AreasQuery, request.query_params).validated_data
        rows = ManagedArea.objects.not_over(timezone.now()).select_related("unit")
        rows = rows.filter(unit_code__startswith=asked.get("unit", "")).order_by("unit_code", "pk")
        return Response(shown.AreaOut(rows[:MOST_SHOWN], many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="drawManagedArea",
        request=shown.AreaIn,
        responses=answering({(201, JSON): shown.AreaOut}, *BODY_REFUSED),
    )
    def post(self, request: Request) -> Response:
        """Keep an area inside one's own unit."""
        actor = signed_in(request)
        require(actor, Action.KEEP_AREAS)
        asked = checked(shown.AreaIn, request.data).validated_data
        return Response(shown.AreaOut(draw_area(actor=actor, **asked)).data, status=201)


class OneArea(APIView):
    """One managed area."""

    @extend_schema(operation_id="endManagedArea", responses=answering({204: None}, 404, 409))
    def delete(self, request: Request, area: int) -> Response:
        """It holds no more from now on."""
        actor = signed_in(request)
        found = get_object_or_404(ManagedArea, pk=area)
        end_area(area=found, actor=actor, at=timezone.now())
        return Response(status=204)


class ToldHere(APIView):
    """What managed areas say of a class at a point."""

    @extend_schema(
        operation_id="listToldHere",
        parameters=[shown.ToldQuery],
        responses=answering({(200, JSON): shown.AreaOut(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """Permits and notices that hold there now: for whoever takes a report in."""
        asked = checked(shown.ToldQuery, request.query_params).validated_data
        found = told_at(at=timezone.now(), **asked)
        return Response(shown.AreaOut(found, many=True).data)  # type: ignore[arg-type]
