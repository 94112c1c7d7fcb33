"""Indicators over HTTP: figures, lines over time, receipts, outlines, and the table as CSV."""

from typing import Any

from django.db import connection
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import NotFound
from geogrid.core.pages import MAX_PAGE
from incidents.api import checked, signed_in
from incidents.evaluation import receipts
from incidents.evaluation import serializers as shown
from incidents.evaluation.answering import (
    as_csv,
    asked_by,
    choices_for,
    indicator_of,
    rate_of,
    scheme_of,
    table,
)
from incidents.evaluation.asking import Asked
from incidents.evaluation.figures import grain_of, series
from incidents.evaluation.naming import Named, names_of
from incidents.models import Incident

CSV = {(200, "text/csv"): OpenApiTypes.STR}
TEXT = {(200, "text/plain"): OpenApiTypes.STR}


def _question(request: Request, form: type[Any]) -> tuple[dict[str, Any], Asked]:
    said = checked(form, request.query_params).validated_data
    return said, asked_by(signed_in(request), said)


class EvaluationChoices(APIView):
    """What may be asked of the indicators."""

    @extend_schema(operation_id="getEvaluationChoices", responses=answering({200: shown.SchemesOut}))
    def get(self, request: Request) -> Response:
        """Schemes with their formulas, since when there is anything, and what this person may ask by."""
        return Response(shown.SchemesOut(choices_for(signed_in(request))).data)


class EvaluationFigures(APIView):
    """Indicators of a period."""

    @extend_schema(
        operation_id="listEvaluationFigures",
        parameters=[shown.FiguresQuery],
        responses=answering({200: shown.FiguresOut}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """Every indicator by place, duty, unit, person, class or channel, over what you may see."""
        said, asked = _question(request, shown.FiguresQuery)
        return Response(shown.FiguresOut(table(asked, scheme_of(said))).data)


class EvaluationExport(APIView):
    """The table of indicators as a file."""

    @extend_schema(
        operation_id="exportEvaluationFigures",
        parameters=[shown.FiguresQuery],
        responses=answering(CSV, 404, 422),
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """CSV with numerators and denominators."""
        said, asked = _question(request, shown.FiguresQuery)
        answer = StreamingHttpResponse(
            list(as_csv(asked, scheme_of(said))), content_type="text/csv; charset=utf-8"
        )
        name = f"indicators-{asked.by.lower()}-{asked.start}-{asked.end}.csv"
        answer["content-disposition"] = f'attachment; filename="{name}"'
        return answer


class EvaluationSeries(APIView):
    """One indicator over time."""

    @extend_schema(
        operation_id="listEvaluationSeries",
        parameters=[shown.SeriesQuery],
        responses=answering({200: shown.RateSeriesOut}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """By day, week or month, of at most 24 keys: for small multiples."""
        said, asked = _question(request, shown.SeriesQuery)
        indicator = indicator_of(scheme_of(said), said["indicator"])
        measures = (indicator.numerator, indicator.denominator)
        lines = [
            {
                "key": key,
                "points": [
                    {"day": day, **rate_of(indicator, dict(zip(measures, counts, strict=True)))}
                    for day, counts in points
                ],
            }
            for key, points in series(asked, measures, said["keys"]).items()
        ]
        return Response(shown.RateSeriesOut({"grain": grain_of(asked), "lines": lines}).data)


class EvaluationReceipt(APIView):
    """What a figure is made of."""

    @extend_schema(
        operation_id="getEvaluationReceipt",
        parameters=[shown.ReceiptQuery],
        responses=answering({200: shown.FigureReceiptOut}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """Formula, scheme and version, the lists above and below the line and left out, and the hash."""
        said, asked = _question(request, shown.ReceiptQuery)
        scheme = scheme_of(said)
        made = receipts.receipt(scheme, indicator_of(scheme, said["indicator"]), asked, said["key"])
        counts = {part.measure: part.count for part in made.parts}
        # The name of what the asker sees nothing of is not told.
        keys = [made.key] if any(counts.values()) else []
        named = names_of(asked.by, keys).get(made.key, Named(made.key))
        told = {
            "head": made.head,
            "indicator": made.indicator,
            "name": named.zh,
            "name_en": named.en,
            "rate": rate_of(made.indicator, counts),
            "lists": made.parts,
            "hash": made.hash,
        }
        return Response(shown.FigureReceiptOut(told).data)


def _listed(request: Request) -> tuple[Asked, str, str]:
    """(question, key, measure) of a list of a receipt."""
    said, asked = _question(request, shown.ReceiptListQuery)
    lists = receipts.lists_of(indicator_of(scheme_of(said), said["indicator"]))
    if said["list"] not in lists:
        raise NotFound(f"Its lists are {', '.join(lists)}. 没有该清单。")
    return asked, said["key"], lists[said["list"]]


class EvaluationReceiptCases(APIView):
    """The incidents of a list of a receipt."""

    @extend_schema(
        operation_id="listEvaluationReceiptCases",
        parameters=[
            shown.ReceiptListQuery,
            OpenApiParameter("page", OpenApiTypes.INT, description=f"1 to {MAX_PAGE}, fifty a page"),
            OpenApiParameter("count", OpenApiTypes.INT, description="How many there are, when known"),
        ],
        responses=answering({200: shown.ReceiptCases}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """By number, fifty a page; who may open which is said of each."""
        asked, key, measure = _listed(request)
        page, count = _whole(request, "page", 1), _whole(request, "count", 0)
        ids = receipts.cases(asked, key, measure, page)
        visible = set(
            Incident.objects.visible_to(signed_in(request)).filter(pk__in=ids).values_list("pk", flat=True)
        )
        found = Incident.objects.filter(pk__in=ids).select_related("asset_class", "event_class")
        rows = [_case(one, one.pk in visible) for one in found.order_by("number")]
        pages = max(1, -(-count // receipts.PAGE))
        return Response(
            shown.ReceiptCases({"count": count, "page": page, "pages": pages, "results": rows}).data
        )


def _whole(request: Request, name: str, least: int) -> int:
    said = request.query_params.get(name, str(least))
    is_number = said.isascii() and said.isdecimal() and len(said) < 9
    return min(max(int(said), least), 10**8 if name == "count" else MAX_PAGE) if is_number else least


def _case(incident: Incident, is_visible: bool) -> dict[str, Any]:
    known = incident.asset_class or incident.event_class
    return {
        "number": incident.number,
        "stage": incident.stage,
        "waiting": incident.waiting,
        "reported_at": incident.reported_at,
        "deadline_at": incident.deadline_at,
        "closed_at": incident.closed_at,
        "class_zh": known.name if known else "",
        "class_en": known.name_en if known else "",
        "is_visible": is_visible,
    }


class EvaluationReceiptNumbers(APIView):
    """The numbers of a list of a receipt, to work its hash out again."""

    @extend_schema(
        operation_id="listEvaluationReceiptNumbers",
        parameters=[shown.ReceiptListQuery],
        responses=answering(TEXT, 404, 422),
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """All numbers, one a line: SHA-256 over this text is the hash of the list."""
        asked, key, measure = _listed(request)
        return StreamingHttpResponse(
            receipts.numbers(asked, key, measure), content_type="text/plain; charset=utf-8"
        )


class EvaluationOutlines(APIView):
    """Outlines for the map by rate."""

    @extend_schema(
        operation_id="listEvaluationOutlines",
        parameters=[shown.OutlinesQuery],
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="GeoJSON, longitude and latitude"),
            **answering({}, 422),
        },
    )
    def get(self, request: Request) -> Response:
        """Units of a level as GeoJSON with their codes; outlines of the grid are for everybody."""
        level = checked(shown.OutlinesQuery, request.query_params).validated_data["level"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg("
                " json_build_object('type', 'Feature', 'properties', json_build_object('code', u.code),"
                " 'geometry', ST_AsGeoJSON(u.geom, 5)::json) ORDER BY u.code), '[]'::json))"
                " FROM (SELECT code, geom FROM cell WHERE %(level)s = 'CELL' UNION ALL"
                " SELECT code, geom FROM grid_unit WHERE level = %(level)s) AS u WHERE u.geom IS NOT NULL",
                {"level": level},
            )
            return Response(cursor.fetchone()[0])
