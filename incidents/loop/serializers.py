"""What the API of the loop takes and shows. Names of people appear only to those who may see people there."""

from typing import Any

from rest_framework import serializers

from geogrid.organisations.models import Organisation, User
from incidents.cards import IncidentRowOut, StepOut, ToldOut, TwoTongues
from incidents.clocks.limits import Limit, LimitError, parse
from incidents.known_classes import asset_classes, event_classes
from incidents.loop.orders import CO, LEAD
from incidents.serializers import class_id, latitude, longitude
from incidents.workflow import BY, BY_TWO, ELSEWHERE, ClosingCode, LoopLevel, Move, Stage

# Those whose request has another address: the place.
MADE_HERE = sorted(move.value for move in {*BY, Move.RATE} - {Move.MOVE_PLACE} - ELSEWHERE)


class SendingIn(serializers.Serializer[Any]):
    """A unit to send."""

    unit = serializers.CharField(max_length=40, help_text="Code of the unit")
    role = serializers.ChoiceField(choices=[LEAD, CO], default=LEAD)
    is_mandatory = serializers.BooleanField(default=True, help_text="The lead waits for it")
    limit = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="Its own limit: 4工作时, 2 hours...",
    )

    def validate_unit(self, code: str) -> Organisation:
        return unit_named(code)

    def validate_limit(self, said: str) -> Limit | None:
        if not said:
            return None
        try:
            return parse(said)
        except LimitError as error:
            raise serializers.ValidationError(str(error)) from error


def unit_named(code: str) -> Organisation:
    """The active unit with this code.

    Raises:
        ValidationError: when there is none.
    """
    found = Organisation.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise serializers.ValidationError("There is no such unit. 没有该单位。")
    return found


class PointIn(serializers.Serializer[Any]):
    lng = longitude()
    lat = latitude()


class LoopMoveIn(serializers.Serializer[Any]):
    """A move to make, or to apply for. What it needs besides stands with the offered moves."""

    move = serializers.ChoiceField(
        choices=MADE_HERE, error_messages={"invalid_choice": "There is no such move. 没有该操作。"}
    )
    seen_step = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Id of the last step that was seen when this was decided",
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    response = serializers.SlugField(
        max_length=30,
        required=False,
        allow_blank=True,
        default="",
        help_text="reject, close: code of a text for reporters",
    )
    filing_condition = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    condition = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1,
        help_text="file, reclassify: id of the filing condition in the duty list",
    )  # fmt: skip
    asset_class = serializers.CharField(
        max_length=90, required=False, allow_null=True, default=None,
        help_text="reclassify: code of a class of assets, or scheme/version/code",
    )  # fmt: skip
    event_class = serializers.CharField(
        max_length=90, required=False, allow_null=True, default=None,
        help_text="reclassify: code of a class of events, or scheme/version/code",
    )  # fmt: skip
    to = serializers.CharField(
        max_length=150, required=False, allow_blank=True, default="", help_text="hand_over: user name"
    )
    units = SendingIn(many=True, required=False, default=list, help_text="dispatch, add_unit, whistle")
    suggested_unit = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    result = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    place = PointIn(required=False, allow_null=True, default=None)
    meeting_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    meeting_place = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    is_true = serializers.BooleanField(
        required=False, default=True, help_text="verify_report: whether it is so"
    )
    mark = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=5, help_text="pass_check"
    )
    satisfaction = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=5, help_text="rate"
    )
    code = serializers.ChoiceField(
        choices=[code.value for code in ClosingCode], required=False, allow_null=True, default=None
    )
    until = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="suspend")

    def validate_asset_class(self, code: str | None) -> int | None:
        return class_id(asset_classes, code)

    def validate_event_class(self, code: str | None) -> int | None:
        return class_id(event_classes, code)

    def validate_suggested_unit(self, code: str) -> Organisation | None:
        return unit_named(code) if code else None

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        needed = {
            Move.WHISTLE: ("meeting_at", "meeting_place"),
            Move.PASS_CHECK: ("mark",),
            Move.RATE: ("satisfaction",),
            Move.CLOSE: ("code",),
            Move.CLOSE_WITH_CODE: ("code",),
            Move.SUSPEND: ("until",),
            Move.HAND_OVER: ("to",),
        }.get(Move(said["move"]), ())
        missing = {name: ["This is needed. 必填。"] for name in needed if said[name] in (None, "")}
        if missing:
            raise serializers.ValidationError(missing)
        return said


class DecisionIn(serializers.Serializer[Any]):
    """What the second person says of an application."""

    approve = serializers.BooleanField()
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    seen_step = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )


class LoopMoveOut(serializers.Serializer[Any]):
    """A move that starts here and that the viewer makes."""

    move = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = TwoTongues(allow_null=True, help_text="Why it is not allowed yet")
    needs = serializers.ListField(child=serializers.CharField(), help_text="Fields that must be there")
    takes = serializers.ListField(child=serializers.CharField(), help_text="Fields that can be there")
    is_applied_for = serializers.BooleanField(help_text="A second person approves it")


class ClockOut(serializers.Serializer[Any]):
    """One clock with its light."""

    span = serializers.ChoiceField(choices=["total", "stage", "level", "order"])
    what = serializers.CharField(help_text="The stage, the level, or the number of the work order")
    round = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    limit = TwoTongues(allow_null=True)
    warn_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    stopped_until = serializers.DateTimeField(allow_null=True)
    extensions = serializers.IntegerField()
    is_exempt = serializers.BooleanField()
    light = serializers.ChoiceField(choices=["green", "yellow", "red"])
    is_running = serializers.BooleanField()
    spent_s = serializers.IntegerField(help_text="Seconds of the time that counts")
    left_s = serializers.IntegerField(allow_null=True, help_text="Null without a limit")
    policy = serializers.JSONField(help_text="What made the deadline")


class AssignedUnitOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)


class WorkOrderOut(serializers.Serializer[Any]):
    """A unit's piece of work."""

    nth = serializers.IntegerField()
    round = serializers.IntegerField()
    unit = AssignedUnitOut()
    role = serializers.ChoiceField(choices=[LEAD, CO])
    is_mandatory = serializers.BooleanField()
    is_accountable = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["SENT", "ACCEPTED", "DONE", "RETURNED", "WITHDRAWN"])
    handler = serializers.CharField(allow_blank=True)
    sent_at = serializers.DateTimeField()
    meeting_at = serializers.DateTimeField(allow_null=True)
    meeting_place = serializers.CharField(allow_blank=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    suggested_unit = AssignedUnitOut(allow_null=True)
    rework = serializers.IntegerField()
    clocks = ClockOut(many=True)


class FilingOut(serializers.Serializer[Any]):
    """What was frozen when it was filed."""

    filed_at = serializers.DateTimeField()
    class_code = serializers.CharField(allow_blank=True)
    class_scheme = serializers.CharField(allow_blank=True)
    class_version = serializers.CharField(allow_blank=True)
    class_name = serializers.CharField(allow_blank=True)
    class_name_en = serializers.CharField(allow_blank=True)
    condition = serializers.CharField(allow_blank=True)
    condition_en = serializers.CharField(allow_blank=True)
    limit = serializers.SerializerMethodField()
    legal_basis = serializers.CharField(allow_blank=True)
    closing_condition = serializers.CharField(allow_blank=True)
    photo_roles = serializers.ListField(child=serializers.CharField())
    is_self_governed = serializers.BooleanField()
    why = serializers.JSONField()

    def get_limit(self, filing: Any) -> str:
        return str(filing.limit) if filing.limit else ""


class ApplicationOut(serializers.Serializer[Any]):
    """Something applied for."""

    id = serializers.IntegerField()
    move = serializers.ChoiceField(choices=sorted(move.value for move in BY_TWO))
    asked_by = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    details = serializers.JSONField()
    verdict = serializers.ChoiceField(choices=["pending", "approved", "refused", "lapsed"])
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(allow_blank=True)
    is_mine_to_decide = serializers.BooleanField()


class LoopOut(serializers.Serializer[Any]):
    """Everything about the loop of one incident for one viewer."""

    number = serializers.CharField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    waiting = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[level.value for level in LoopLevel])
    round = serializers.IntegerField()
    holder = serializers.CharField(allow_blank=True)
    cell_worker = serializers.CharField(allow_blank=True)
    responsible_unit = AssignedUnitOut(allow_null=True)
    deadline_at = serializers.DateTimeField(allow_null=True)
    light = serializers.ChoiceField(
        choices=["green", "yellow", "red"], help_text="Of the running clocks, the worst"
    )
    last_step = serializers.IntegerField(help_text="Name it as `seen_step` with a move")
    told = ToldOut(many=True, help_text="Permits and notices of managed areas, while it waits to be filed")
    filing = FilingOut(allow_null=True)
    steps = StepOut(many=True)
    clocks = ClockOut(many=True)
    work_orders = WorkOrderOut(many=True)
    applications = ApplicationOut(many=True)
    moves = LoopMoveOut(many=True)


class QueueQuery(serializers.Serializer[Any]):
    """Which work orders."""

    state = serializers.ChoiceField(
        choices=["open", "SENT", "ACCEPTED", "DONE", "RETURNED", "WITHDRAWN", "all"], default="open"
    )


class QueuedOut(serializers.Serializer[Any]):
    """A work order of the viewer's units, with its incident."""

    order = WorkOrderOut()
    incident = IncidentRowOut()


class PageOfWorkOrders(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = QueuedOut(many=True)


def person_in(viewer: Any, incident: Any, person: User | None) -> str:
    """A name, where the viewer may see people."""
    return str(viewer.name(incident, person))
