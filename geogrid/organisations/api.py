"""API tokens. Only a person who has logged in makes or revokes them: a token makes no tokens."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.organisations import actions
from geogrid.organisations.authentication import SessionOnly
from geogrid.organisations.models import ApiToken, User
from geogrid.organisations.serializers import MadeTokenSerializer, NewTokenSerializer, TokenSerializer


def owner_of(request: Request) -> User:
    """The person who is logged in (permission classes let nobody else this far)."""
    if not isinstance(request.user, User):
        raise TypeError("this view is open to strangers")
    return request.user


class Tokens(APIView):
    """The API tokens of whoever is logged in."""

    authentication_classes = (SessionOnly,)

    @extend_schema(responses=answering({(200, JSON): TokenSerializer(many=True)}), operation_id="listTokens")
    def get(self, request: Request) -> Response:
        mine = ApiToken.objects.filter(user=owner_of(request)).order_by("-created_at")
        return Response(TokenSerializer(mine, many=True).data)

    @extend_schema(
        request=NewTokenSerializer,
        responses=answering({(201, JSON): MadeTokenSerializer}, *BODY_REFUSED),
        operation_id="makeToken",
    )
    def post(self, request: Request) -> Response:
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row, secret = actions.make_token(owner=owner_of(request), at=timezone.now(), **asked.validated_data)
        return Response({**TokenSerializer(row).data, "token": secret}, status=201)


class OneToken(APIView):
    """One API token of whoever is logged in."""

    authentication_classes = (SessionOnly,)

    @extend_schema(responses=answering({204: None}, 404, 409), operation_id="revokeToken")
    def delete(self, request: Request, token_id: int) -> Response:
        mine = get_object_or_404(ApiToken.objects.filter(user=owner_of(request)), pk=token_id)
        actions.revoke_token(token=mine, actor=owner_of(request), at=timezone.now())
        return Response(status=204)
