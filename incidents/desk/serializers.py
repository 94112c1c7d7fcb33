"""What the API of the desk takes and shows."""

from typing import Any

from rest_framework import serializers

from incidents.cards import IncidentRowOut, TwoTongues
from incidents.desk.rules import Light, Order, Queue
from incidents.loop.serializers import AssignedUnitOut
from incidents.models import Incident
from incidents.workflow import LoopLevel

MOST_AT_ONCE = 200
QUEUE_VALUES = [queue.value for queue in Queue]


class QueueCountOut(serializers.Serializer[Any]):
    queue = serializers.ChoiceField(choices=QUEUE_VALUES)
    count = serializers.IntegerField()


class QueuesOut(serializers.Serializer[Any]):
    """The queues of this person, those of their own work first."""

    first = serializers.ChoiceField(
        choices=QUEUE_VALUES, allow_null=True, help_text="The one to begin with; null without any"
    )
    queues = QueueCountOut(many=True)


class DeskQuery(serializers.Serializer[Any]):
    """Which incidents, and in what order."""

    queue = serializers.ChoiceField(choices=QUEUE_VALUES, default=Queue.OPEN.value)
    order = serializers.ChoiceField(choices=[order.value for order in Order], default=Order.NEWEST.value)
    q = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="Number or words"
    )
    level = serializers.ChoiceField(
        choices=[level.value for level in LoopLevel], required=False, allow_blank=True, default=""
    )
    unit = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Code of a responsible unit"
    )
    area = serializers.RegexField(
        r"^\d*$", max_length=15, required=False, allow_blank=True, default="", help_text="Code of a grid unit"
    )
    channel = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    after = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="`next` of the page before"
    )
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MOST_AT_ONCE)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        # A word of Python cannot be the name of an attribute.
        fields["class"] = serializers.CharField(
            max_length=20, required=False, allow_blank=True, default="", help_text="Code of a class"
        )
        return fields


class DeskRowOut(IncidentRowOut):
    """An incident in a list of the desk."""

    light = serializers.ChoiceField(choices=[light.value for light in Light])
    due_at = serializers.DateTimeField(allow_null=True, help_text="The nearest limit of those that run")
    holder = serializers.SerializerMethodField(help_text="Whose clock runs")
    unit = AssignedUnitOut(source="responsible_unit", allow_null=True)
    channel = serializers.CharField()
    round = serializers.IntegerField()
    order_count = serializers.IntegerField(help_text="Work orders so far")
    is_claimed = serializers.SerializerMethodField(help_text="Somebody else has it in work")
    claimed_by = serializers.SerializerMethodField(help_text="Who, where one may know")

    def get_holder(self, incident: Incident) -> str:
        return self.viewer.name(incident, incident.holder)

    def get_is_claimed(self, incident: Incident) -> bool:
        user = getattr(incident, "claimer", None)
        return user is not None and user.pk != self.viewer.user.pk

    def get_claimed_by(self, incident: Incident) -> str:
        return self.viewer.name(incident, getattr(incident, "claimer", None))


class DeskPageOut(serializers.Serializer[Any]):
    results = DeskRowOut(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Give it as `after`; empty at the end")


class ConditionChoiceOut(serializers.Serializer[Any]):
    """A filing condition that the incident could be filed under."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    text_en = serializers.CharField(allow_blank=True)
    limit = TwoTongues()


class UnitChoiceOut(AssignedUnitOut):
    """A unit that could be sent."""

    why = serializers.ChoiceField(
        choices=["", "rule", "place", "next"],
        help_text="Named by the rule that fired, by asset and place, or to be asked when it stays unsolved",
    )


class DeskChoicesOut(serializers.Serializer[Any]):
    conditions = ConditionChoiceOut(many=True)
    units = UnitChoiceOut(many=True)
