"""Misses and gaps over HTTP: of one incident, listed, and counted by unit or person."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import JSON, answering
from geogrid.core.errors import NotFound
from geogrid.core.pages import MAX_PAGE, page_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.patrols.cards import people_seen_by
from incidents.api import checked, incident_for, signed_in
from incidents.patrol_quality import serializers as shown
from incidents.patrol_quality.figures import by_unit, by_worker, judged_between
from incidents.patrol_quality.models import Judgement, JudgementQuerySet

_WITH = ("incident__cell_version", "worker", "earlier")


def _show(found: list[Judgement], viewer: User) -> list[dict[str, object]]:
    named = {one.worker_id for one in found if one.worker_id is not None}
    people = set(people_seen_by(viewer).filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    rows: list[dict[str, object]] = shown.JudgementOut(found, many=True, context={"people": people}).data  # type: ignore[arg-type, assignment]
    return rows


def _with_all(judgements: JudgementQuerySet) -> JudgementQuerySet:
    return judgements.select_related(*_WITH).defer("incident__cell_version__geom")


class JudgementOfIncident(APIView):
    """Whether a patrol should have found one incident."""

    @extend_schema(operation_id="getPatrolJudgement", responses=answering({200: shown.JudgementOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Miss, gap or neither, with who walked past and the piece of the track."""
        viewer = signed_in(request)
        incident = incident_for(request, number)
        found = _with_all(Judgement.objects.visible_to(viewer)).filter(incident=incident).first()
        if found is None:
            raise NotFound("Nothing was judged here. 没有漏报判定。")
        return Response(_show([found], viewer)[0])


class Judgements(APIView):
    """Citizens' reports and how they were judged."""

    @extend_schema(
        operation_id="listPatrolJudgements",
        parameters=[
            shown.JudgementsQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page"),
        ],
        responses=answering({200: shown.PageOfJudgements}, 422),
    )
    def get(self, request: Request) -> Response:
        """Where you may see positions, the newest first."""
        viewer = signed_in(request)
        require(viewer, Action.SEE_POSITIONS)
        said = checked(shown.JudgementsQuery, request.query_params).validated_data
        rows = judged_between(viewer, said["start"], said["end"])
        if "verdict" in said:
            rows = rows.filter(verdict=said["verdict"])
        if "unit" in said:
            rows = rows.filter(incident__unit_code__startswith=said["unit"])
        if "worker" in said:
            seen = people_seen_by(viewer).filter(pk=said["worker"]).values("pk")
            rows = rows.filter(worker_id__in=seen)
        rows = _with_all(rows).order_by("-window_to", "-pk")
        return Response(page_of(request, rows, lambda found: _show(found, viewer)))


class JudgementTallies(APIView):
    """Counts of misses, gaps and the rest."""

    @extend_schema(
        operation_id="countPatrolJudgements",
        parameters=[shown.TallyQuery],
        responses=answering({(200, JSON): shown.TallyOut(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """By cell, community, street, district or person, where you may see positions."""
        viewer = signed_in(request)
        require(viewer, Action.SEE_POSITIONS)
        said = checked(shown.TallyQuery, request.query_params).validated_data
        rows = judged_between(viewer, said["start"], said["end"])
        found: Any = by_worker(rows, viewer) if said["by"] == "WORKER" else by_unit(rows, said["by"])
        return Response(shown.TallyOut(found, many=True).data)
