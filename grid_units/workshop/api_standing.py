"""What stands beside the grid, over HTTP: rules of the check, responsibility grids, incidents by cell."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import JSON, answering
from geogrid.organisations.api import owner_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from grid_units.workshop import standing
from grid_units.workshop.api import require_workshop
from grid_units.workshop.serializers_standing import (
    CellIncidentsSerializer,
    CheckRulesSerializer,
    StatisticsAsked,
)


def prefixes_of(user: User) -> tuple[str, ...]:
    """Where the person draws or approves."""
    scopes = scopes_of(user)
    return tuple({*scopes.prefixes(Action.EDIT_GRID), *scopes.prefixes(Action.APPROVE_GRID)})


class Rules(APIView):
    """What the check goes by."""

    @extend_schema(responses=answering({(200, JSON): CheckRulesSerializer}), operation_id="workshopRules")
    def get(self, request: Request) -> Response:
        """The city's rules of the check, and the responsibility grids on your ground by their unit codes."""
        user = owner_of(request)
        require_workshop(user)
        said = CheckRulesSerializer(standing.the_rules()).data
        return Response(said | {"grids": standing.responsibility_grids(prefixes_of(user))})


class Statistics(APIView):
    """Incidents of a period by cell."""

    @extend_schema(
        parameters=[StatisticsAsked],
        responses=answering({(200, JSON): CellIncidentsSerializer(many=True)}, 422),
        operation_id="incidentsByCell",
    )
    def get(self, request: Request) -> Response:
        """As they were counted then (`cells=was`), or counted into the cells of today (`cells=is`)."""
        user = owner_of(request)
        require_workshop(user)
        asked = StatisticsAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        rows = standing.incidents_by_cell(
            said["since"], said["until"], prefixes_of(user), as_is=said["cells"] == "is"
        )
        return Response(CellIncidentsSerializer(rows, many=True).data)
