"""The desk over HTTP: queues with their counts, one page of a queue, and what the forms offer."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from incidents.api import checked, incident_for, signed_in
from incidents.desk import choices, listing
from incidents.desk import serializers as asked
from incidents.desk.queues import Desk
from incidents.desk.rules import Order, Queue
from incidents.viewer import Viewer


class DeskQueues(APIView):
    """The queues of the person at the desk."""

    @extend_schema(operation_id="listDeskQueues", responses=answering({200: asked.QueuesOut}))
    def get(self, request: Request) -> Response:
        """Queues of this person with the number of incidents in each."""
        desk = Desk(signed_in(request), timezone.now())
        counted = [{"queue": queue.value, "count": count} for queue, count in desk.counts().items()]
        shown = {"first": desk.first and desk.first.value, "queues": counted}
        return Response(asked.QueuesOut(shown).data)


class DeskIncidents(APIView):
    """The incidents of a queue."""

    @extend_schema(
        operation_id="listDeskIncidents",
        parameters=[asked.DeskQuery],
        responses=answering({200: asked.DeskPageOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Open incidents of a queue that this person may see, with lights; page by `next`."""
        user = signed_in(request)
        said = checked(asked.DeskQuery, request.query_params).validated_data
        class_code = said.pop("class")
        exact = {"queue": Queue(said["queue"]), "order": Order(said["order"]), "class_code": class_code}
        wanted = listing.Wanted(**said | exact)
        found, following = listing.page(Desk(user, timezone.now()), wanted)
        shown = asked.DeskPageOut({"results": found, "next": following}, context={"viewer": Viewer(user)})
        return Response(shown.data)


class DeskChoices(APIView):
    """What the forms of one incident offer."""

    @extend_schema(operation_id="getDeskChoices", responses=answering({200: asked.DeskChoicesOut}, 404))
    def get(self, request: Request, number: str) -> Response:
        """Filing conditions of its class; units that could be sent, the fired rule's first."""
        incident = incident_for(request, number, for_card=True)
        conditions = [
            {
                "id": one.pk,
                "text": one.text,
                "text_en": one.text_en,
                "limit": {"zh": one.limit.zh, "en": one.limit.en},
            }
            for one in choices.conditions_of(incident)
        ]
        shown = {"conditions": conditions, "units": choices.units_for(incident)}
        return Response(asked.DeskChoicesOut(shown).data)
