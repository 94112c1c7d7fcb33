"""Texts for reporters over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from incidents.texts.models import ResponseText


class ResponseTextOut(serializers.Serializer[Any]):
    move = serializers.CharField()
    code = serializers.CharField()
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField()
    text_zh = serializers.CharField(source="text")
    text_en = serializers.CharField()


class ResponseTexts(APIView):
    """What reporters are told, by reason."""

    @extend_schema(operation_id="listResponseTexts", responses=answering({200: ResponseTextOut(many=True)}))
    def get(self, request: Request) -> Response:
        """The texts in use."""
        return Response(ResponseTextOut(ResponseText.objects.in_use(), many=True).data)
