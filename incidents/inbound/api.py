"""Other systems' reports over HTTP: signed calls, the original beside the incident, and giving it a class."""

from collections.abc import Sequence

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import Invalid, NotFound
from geogrid.core.parsing import strict_json
from incidents import cards
from incidents.api import card_of, checked, incident_for, signed_in
from incidents.inbound import actions, signing
from incidents.inbound import serializers as asked
from incidents.inbound.mapping import without_contacts
from incidents.inbound.models import InboundPost, Source
from incidents.viewer import Viewer

MOST_BYTES = 256 * 1024


class SignedOnly(BaseAuthentication):
    """Nobody is logged in here: the signature says who calls. It names the scheme of a 401."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return signing.HEADER


class Inbound(APIView):
    """Reports of another system."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (SignedOnly,)
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="sendInbound",
        request=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter(
                signing.HEADER,
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                required=True,
                description="t=<seconds since 1970>,v1=<HMAC-SHA256 of seconds, dot, body; hex>",
            )
        ],
        responses=answering({201: asked.TakenOut, 200: asked.TakenOut}, 400, 401, 404, 409, 422),
        auth=[],
    )
    def post(self, request: Request, source: str) -> Response:
        """Take a report in, in the sender's own JSON; a number sent again gets the receipt of then."""
        at = timezone.now()
        sent = request.body
        found = Source.objects.filter(code=source, is_active=True).first()
        secrets = [found.secret, found.secret_before] if found else []
        try:
            if len(sent) > MOST_BYTES:
                raise Invalid(f"At most {MOST_BYTES} bytes. 内容过大。")
            signature = signing.checked(request.headers.get(signing.HEADER, ""), sent, secrets, at)
        except signing.NotSigned as error:
            raise AuthenticationFailed(str(error)) from error
        assert found is not None  # noqa: S101  no secret, no signature that fits
        taken = actions.take_in(source=found, body=strict_json(sent), signature=signature, at=at)
        return Response(asked.TakenOut(taken).data, status=201 if taken.is_new else 200)


class Original(APIView):
    """What another system sent."""

    @extend_schema(operation_id="getOriginal", responses=answering({200: asked.OriginalOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """The original of an incident that another system sent, without contacts."""
        incident = incident_for(request, number)
        post = InboundPost.objects.filter(incident=incident).select_related("source").first()
        if post is None or not Viewer(signed_in(request)).reads_words(incident):
            raise NotFound("It was not sent by another system.")
        post.original = without_contacts(post.original, post.source.mapping)
        return Response(asked.OriginalOut(post).data)


class IncidentClass(APIView):
    """The class of a report."""

    @extend_schema(
        operation_id="classifyIncident",
        request=asked.ClassIn,
        responses=answering({200: cards.IncidentCardOut}, 400, 404, 409, 415, 422),
    )
    def post(self, request: Request, number: str) -> Response:
        """Give a report its class, before it is filed."""
        user = signed_in(request)
        incident = incident_for(request, number)
        said = checked(asked.ClassIn, request.data).validated_data
        actions.classify(
            incident=incident,
            of_class=said["of_class"],
            actor=user,
            at=timezone.now(),
            seen_step=said["seen_step"],
        )
        return card_of(request, number)
