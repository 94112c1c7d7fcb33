"""HTTP of the walls: ask with a code, confirm it, list, steer, revoke."""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.models import the_city
from geogrid.organisations import displays as screens
from geogrid.organisations.api import owner_of
from geogrid.organisations.authentication import address_of_client
from geogrid.organisations.display_cookie import COOKIE, KEY_LIFE
from geogrid.organisations.models import Display
from grid_units.duties import displays
from grid_units.duties.login import Entrance

LAYOUTS = ["auto", "standard", "wide"]
PANELS = ["indicators", "coverage", "cameras", "water", "incidents"]


class PlaceOfView(serializers.Serializer[Any]):
    """What the middle of the map is, in degrees, and how near."""

    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-85, max_value=85)
    zoom = serializers.FloatField(min_value=0, max_value=22)


class WishesSerializer(serializers.Serializer[Any]):
    """What the desk asks a wall to show. What is not named stays as it is."""

    language = serializers.ChoiceField(choices=["zh", "en"], required=False)
    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)
    distance_m = serializers.FloatField(
        min_value=1,
        max_value=40,
        required=False,
        allow_null=True,
        help_text="From the farthest seat to the wall",
    )
    pitch_mm = serializers.FloatField(
        min_value=0.05, max_value=20, required=False, allow_null=True, help_text="From one pixel to the next"
    )
    view = PlaceOfView(required=False, allow_null=True, help_text="None: the whole city")
    panel = serializers.ChoiceField(
        choices=PANELS, required=False, allow_null=True, help_text="The panel that is shown large"
    )
    camera = serializers.CharField(max_length=60, required=False, allow_blank=True, allow_null=True)
    replay_at = serializers.DateTimeField(required=False, allow_null=True, help_text="None: now")


class DisplaySerializer(serializers.ModelSerializer[Display]):
    """A wall as those see it who steer it, and as it sees itself."""

    unit_prefix = serializers.SerializerMethodField()
    wishes = WishesSerializer()
    paired_by = serializers.CharField(source="paired_by.username", allow_null=True, default=None)

    class Meta:
        model = Display
        fields: tuple[str, ...] = (
            "id",
            "name",
            "unit_prefix",
            "hides_people",
            "wishes",
            "address",
            "paired_by",
            "paired_at",
            "last_seen_at",
            "revoked_at",
        )
        read_only_fields = fields

    def get_unit_prefix(self, display: Display) -> str:
        held = display.user.memberships.order_by("id").first()
        return held.unit_prefix if held else ""


class OwnDisplaySerializer(serializers.ModelSerializer[Display]):
    """What a wall knows of itself."""

    wishes = WishesSerializer()

    class Meta:
        model = Display
        fields: tuple[str, ...] = ("id", "name", "hides_people", "wishes")
        read_only_fields = fields


class NewDisplaySerializer(serializers.Serializer[Any]):
    """The code that a screen shows, and what it shall be."""

    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=100)
    unit = serializers.RegexField(
        r"^\d{0,15}$",
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="None: all of yours",
    )
    hides_people = serializers.BooleanField(required=False, default=False)


class DisplayChangeSerializer(serializers.Serializer[Any]):
    """What is to be different."""

    name = serializers.CharField(max_length=100, required=False)
    hides_people = serializers.BooleanField(required=False)
    wishes = WishesSerializer(required=False)


class PairingSerializer(serializers.Serializer[Any]):
    """The code to show until somebody types it in at the desk."""

    code = serializers.CharField()
    expires_at = serializers.DateTimeField()
    zone = serializers.CharField(allow_blank=True, help_text="The city's: until when is said in it")


class Pairing(Entrance):
    """A screen asks to be let in."""

    @extend_schema(
        request=None,
        responses=answering({(201, JSON): PairingSerializer}, 400, 415, 429),
        auth=[],
        operation_id="askToPair",
    )
    def post(self, request: Request) -> Response:
        row, key = screens.ask_to_pair(address=address_of_client(request._request), at=timezone.now())
        city = the_city()
        shown = {"code": row.code, "expires_at": row.expires_at, "zone": city.zone if city else ""}
        answer = Response(PairingSerializer(shown).data, status=201, headers={"Cache-Control": "no-store"})
        answer.set_cookie(
            COOKIE,
            key,
            max_age=KEY_LIFE,
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True,
            samesite="Strict",
        )
        return answer


class Displays(APIView):
    """The walls that you may steer."""

    @extend_schema(
        responses=answering({(200, JSON): DisplaySerializer(many=True)}), operation_id="listDisplays"
    )
    def get(self, request: Request) -> Response:
        user = owner_of(request)
        displays.require_pairing(user)
        return Response(DisplaySerializer(displays.displays_of(user), many=True).data)

    @extend_schema(
        request={JSON: NewDisplaySerializer},
        responses=answering({(201, JSON): DisplaySerializer}, *BODY_REFUSED),
        operation_id="confirmDisplay",
    )
    def post(self, request: Request) -> Response:
        displays.require_pairing(owner_of(request))
        asked = NewDisplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = displays.confirm(actor=owner_of(request), at=timezone.now(), **asked.validated_data)
        return Response(DisplaySerializer(made).data, status=201)


class OneDisplay(APIView):
    """One wall."""

    def _found(self, request: Request, display_id: int) -> Display:
        displays.require_pairing(owner_of(request))
        found: Display = get_object_or_404(displays.displays_of(owner_of(request)), pk=display_id)
        return found

    @extend_schema(
        request={JSON: DisplayChangeSerializer},
        responses=answering({(200, JSON): DisplaySerializer}, 404, *BODY_REFUSED),
        operation_id="steerDisplay",
    )
    def patch(self, request: Request, display_id: int) -> Response:
        found = self._found(request, display_id)
        asked = DisplayChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        # As JSON again: times as they were written.
        changes = {**asked.validated_data}
        if "wishes" in changes:
            written = WishesSerializer(changes["wishes"]).data
            changes["wishes"] = {name: written[name] for name in changes["wishes"]}
        return Response(
            DisplaySerializer(displays.change(display=found, actor=owner_of(request), changes=changes)).data
        )

    @extend_schema(responses=answering({204: None}, 404, 409), operation_id="revokeDisplay")
    def delete(self, request: Request, display_id: int) -> Response:
        found = self._found(request, display_id)
        screens.revoke(display=found, actor=owner_of(request), at=timezone.now())
        return Response(status=204)


class OwnDisplay(APIView):
    """The wall that asks, as it is to be."""

    @extend_schema(
        responses=answering({(200, JSON): OwnDisplaySerializer}, 404), operation_id="getOwnDisplay"
    )
    def get(self, request: Request) -> Response:
        """404 for people: only a paired wall has one."""
        own = get_object_or_404(Display.objects.usable(), user=owner_of(request))
        answer = Response(OwnDisplaySerializer(own).data)
        # The cookie is renewed at each start, or a wall would go dark after the longest life of one.
        key = request.COOKIES.get(COOKIE, "")
        if key:
            answer.set_cookie(
                COOKIE,
                key,
                max_age=KEY_LIFE,
                secure=bool(settings.SESSION_COOKIE_SECURE),
                httponly=True,
                samesite="Strict",
            )
        return answer
