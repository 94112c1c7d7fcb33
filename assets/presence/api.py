"""Ten-minute presence over HTTP."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.presence.models import PresenceOfCell, PresenceRun
from geogrid.core.documented import answering
from geogrid.organisations.api import owner_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require, scopes_of, under
from grid_units.models import Cell

LEVELS = ("CELL", "COMMUNITY", "STREET", "DISTRICT")
_UP = {"COMMUNITY": "community", "STREET": "community__parent", "DISTRICT": "community__parent__parent"}


class PresenceQuery(serializers.Serializer[Any]):
    """By which units."""

    level = serializers.ChoiceField(choices=LEVELS, default="STREET")


class PresenceOfUnitOut(serializers.Serializer[Any]):
    """What of one unit is reached."""

    code = serializers.CharField()
    street_m = serializers.FloatField(help_text="Metres of streets on which people walk")
    reached_m = serializers.FloatField(help_text="Of them reached in time")
    households = serializers.IntegerField()
    reached_households = serializers.IntegerField(help_text="Whose building's nearest street is reached")


class PresenceOut(serializers.Serializer[Any]):
    """Where somebody on duty can be on foot in time, as it was counted last, over what you may see."""

    at = serializers.DateTimeField(allow_null=True, help_text="When it was counted; null: not yet")
    age_s = serializers.FloatField(allow_null=True, help_text="How long ago, by the server's clock")
    minutes = serializers.FloatField(allow_null=True)
    walking_m_per_min = serializers.FloatField(allow_null=True)
    street_m = serializers.FloatField()
    reached_m = serializers.FloatField()
    street_share = serializers.FloatField(allow_null=True, help_text="reached_m / street_m; null: no streets")
    households = serializers.IntegerField()
    reached_households = serializers.IntegerField()
    household_share = serializers.FloatField(allow_null=True)
    units = PresenceOfUnitOut(many=True)


@dataclass
class Sum:
    """Metres and households of one unit, or of all."""

    code: str = ""
    street_m: float = 0.0
    reached_m: float = 0.0
    households: int = 0
    reached_households: int = 0
    names: tuple[str, ...] = field(
        default=("street_m", "reached_m", "households", "reached_households"), repr=False
    )

    def add(self, row: Any) -> None:
        """Take a cell's figures in."""
        for name in self.names:
            setattr(self, name, getattr(self, name) + getattr(row, name))


def presence(viewer: User, level: str) -> dict[str, Any]:
    """The last count over the cells in which `viewer` may see positions, in all and by unit."""
    seen = under(scopes_of(viewer).prefixes(Action.SEE_POSITIONS), "unit_code")
    above = None if level == "CELL" else dict(Cell.objects.values_list("code", f"{_UP[level]}__code"))
    whole = Sum()
    units: dict[str, Sum] = {}
    for row in PresenceOfCell.objects.filter(seen).defer("gaps"):
        code = row.unit_code if above is None else above.get(row.unit_code, "")
        units.setdefault(code, Sum(code)).add(row)
        whole.add(row)
    run = PresenceRun.objects.first()
    return {
        "at": run.at if run else None,
        "age_s": (timezone.now() - run.at).total_seconds() if run else None,
        "minutes": run.minutes if run else None,
        "walking_m_per_min": run.walking_m_per_min if run else None,
        "street_m": whole.street_m,
        "reached_m": whole.reached_m,
        "street_share": whole.reached_m / whole.street_m if whole.street_m else None,
        "households": whole.households,
        "reached_households": whole.reached_households,
        "household_share": whole.reached_households / whole.households if whole.households else None,
        "units": [units[code] for code in sorted(units)],
    }


class Presence(APIView):
    """Where somebody on duty can be on foot within ten minutes."""

    @extend_schema(
        operation_id="getPresence", parameters=[PresenceQuery], responses=answering({200: PresenceOut}, 422)
    )
    def get(self, request: Request) -> Response:
        """Shares of streets and households, over what you may see of where people are."""
        viewer = owner_of(request)
        require(viewer, Action.SEE_POSITIONS)
        asked = PresenceQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(PresenceOut(presence(viewer, asked.validated_data["level"])).data)
