"""Hot spots over HTTP: ranked places, and what the load is made of."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from incidents.api import checked, signed_in
from incidents.evaluation import serializers as shown
from incidents.evaluation.answering import asked_by
from incidents.evaluation.asking import By
from incidents.evaluation.hot_spots import class_shares, hot_spots
from incidents.evaluation.naming import Named, names_of

NOBODY = Named("")


class HotSpots(APIView):
    """Places with many incidents of one class."""

    @extend_schema(
        operation_id="listHotSpots",
        parameters=[shown.HotSpotsQuery],
        responses=answering({200: shown.HotSpotsOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Ranked by their share of the community's load; classes by theirs. Over what you may see."""
        said = checked(shown.HotSpotsQuery, request.query_params).validated_data
        asked = asked_by(signed_in(request), said)
        places = hot_spots(asked, reach_m=said["reach_m"], least=said["least"])
        classes = class_shares(asked)
        names = names_of(By.CLASS, {*(one.class_key for one in places), *(one.class_key for one in classes)})
        communities = names_of(By.COMMUNITY, {one.community for one in places})
        told = {
            "start": asked.start,
            "end": asked.end,
            "reach_m": said["reach_m"],
            "least": said["least"],
            "places": [_place(one, names, communities) for one in places],
            "classes": [
                asdict(one) | _of_class(one.class_key, names) | {"share": one.share, "growth": one.growth}
                for one in classes
            ],
        }
        return Response(shown.HotSpotsOut(told).data)


def _of_class(key: str, names: dict[str, Named]) -> dict[str, Any]:
    named = names.get(key, NOBODY)
    return {
        "class_zh": named.zh,
        "class_en": named.en,
        "class_code": named.zh.partition(" ")[0],
        "class_kind": "asset" if key.startswith("A") else "event",
    }


def _place(one: Any, names: dict[str, Named], communities: dict[str, Named]) -> dict[str, Any]:
    community = communities.get(one.community, NOBODY)
    told = {"community_zh": community.zh, "community_en": community.en}
    return asdict(one) | _of_class(one.class_key, names) | told | {"share": one.share, "growth": one.growth}
