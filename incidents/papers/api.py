"""Papers over HTTP: the case file, and letters with their PDF."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import NotFound
from incidents.api import incident_for, signed_in
from incidents.loop.serializers import AssignedUnitOut
from incidents.papers.contents import case_file, letter_pdf
from incidents.papers.models import Letter
from incidents.viewer import Viewer


class LetterOut(serializers.Serializer[Any]):
    """A letter that was issued."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["remind", "supervise"])
    number = serializers.CharField()
    unit = AssignedUnitOut()
    issued_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    text = serializers.CharField()


def as_pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


class CaseFile(APIView):
    """The case file of one incident."""

    @extend_schema(
        operation_id="getCaseFile", responses=answering({(200, "application/pdf"): OpenApiTypes.BINARY}, 404)
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Timeline, photos, map and clocks on paper, as far as this person may see them."""
        incident = incident_for(request, number, for_card=True)
        content = case_file(incident, Viewer(signed_in(request)), timezone.now())
        return as_pdf(content, f"case-{incident.number}")


class Letters(APIView):
    """The letters of one incident."""

    @extend_schema(operation_id="listLetters", responses=answering({200: LetterOut(many=True)}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Reminder letters and supervision notices, the first first."""
        incident = incident_for(request, number)
        viewer = Viewer(signed_in(request))
        found = list(Letter.objects.filter(incident=incident).select_related("unit").order_by("id"))
        if not viewer.reads_words(incident):
            found = []
        return Response(LetterOut(found, many=True).data)


class LetterFile(APIView):
    """One letter as PDF."""

    @extend_schema(
        operation_id="getLetter", responses=answering({(200, "application/pdf"): OpenApiTypes.BINARY}, 404)
    )
    def get(self, request: Request, number: str, letter: int) -> HttpResponse:
        """The letter with its number and map."""
        incident = incident_for(request, number)
        found = None
        if letter < 2**63 and Viewer(signed_in(request)).reads_words(incident):
            found = Letter.objects.filter(incident=incident, pk=letter).select_related("incident").first()
        if found is None:
            raise NotFound("There is no such letter. 没有该文书。")
        return as_pdf(letter_pdf(found), f"letter-{found.kind}-{found.year}-{found.nth}")
