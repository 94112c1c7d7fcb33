"""Keeping a camera's picture with an incident, over HTTP: here cameras and incidents meet."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.cameras.api import camera_for
from geogrid.core.documented import answering
from incidents import serializers as asked
from incidents.api import checked, incident_for, signed_in
from incidents.cards import IncidentPhotoOut
from incidents.evidence import keep_snapshot


class IncidentEvidence(APIView):
    """Pictures of cameras, kept with one incident."""

    @extend_schema(
        operation_id="keepSnapshot",
        request=asked.EvidenceIn,
        responses=answering({201: IncidentPhotoOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Keep what a camera shows now as a photo of the incident."""
        incident = incident_for(request, number)
        said = checked(asked.EvidenceIn, request.data).validated_data
        camera = camera_for(request, str(said["camera"]))
        link = keep_snapshot(
            incident=incident, camera=camera, actor=signed_in(request), at=timezone.now(), now=timezone.now
        )
        return Response(IncidentPhotoOut(link).data, status=201)
