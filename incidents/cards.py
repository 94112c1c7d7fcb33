"""What the API shows of incidents. People's names appear only to those who may see people there."""

from typing import Any

from django.db.models import OuterRef, Subquery
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.photos.actions import url_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.models import Cell, GridUnit
from incidents.measured import MeasuredPart
from incidents.models import Incident, IncidentContact, IncidentPhoto, IncidentQuerySet, StepTaken
from incidents.patrol_quality.part import JudgedPart
from incidents.timeline import people_named, sentence
from incidents.viewer import Viewer
from incidents.workflow import LoopLevel, Stage

_ROW_WITH = ("asset_class", "event_class", "cell_version", "cell_worker")
_CARD_WITH = (
    *_ROW_WITH,
    "asset__asset_class",
    "cell_version__community__parent__parent",
    "holder",
    "reported_by",
    "responsible_unit",
)
# Outlines of a street or a district are large, and no card shows them.
_UNIT = "cell_version__community"
_NOT_SHOWN = (
    "asset__geom",
    "asset__geom_3857",
    *(
        f"{unit}__{shape}"
        for unit in (_UNIT, f"{_UNIT}__parent", f"{_UNIT}__parent__parent")
        for shape in ("geom", "geom_3857")
    ),
)


# English names are not versioned: the cell's own is shown, whatever version the incident happened in.
_CELL_NAME_EN = Subquery(Cell.objects.filter(pk=OuterRef("cell_version__cell_id")).values("name_en")[:1])


def for_rows(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """With all that a list shows, in one query."""
    shown = incidents.select_related(*_ROW_WITH).defer("cell_version__geom")
    return shown.annotate(cell_name_en=_CELL_NAME_EN)


def for_card(incidents: IncidentQuerySet) -> IncidentQuerySet:
    """With all that a card shows, in one query."""
    shown = incidents.select_related(*_CARD_WITH).defer("cell_version__geom", *_NOT_SHOWN)
    return shown.annotate(cell_name_en=_CELL_NAME_EN)


class NamedCell(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)


class NamedUnit(serializers.Serializer[Any]):
    code = serializers.CharField()
    level = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)


class TwoTongues(serializers.Serializer[Any]):
    zh = serializers.CharField()
    en = serializers.CharField()


class WorkerOut(serializers.Serializer[Any]):
    """Who answers. The name is empty for those who may not see people there."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    role = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    level = serializers.CharField(help_text="CELL, COMMUNITY, STREET, DISTRICT, BY_HAND or FALLBACK")
    is_substitute = serializers.BooleanField()


class WorkerUntilOut(WorkerOut):
    until = serializers.DateTimeField(allow_null=True, help_text="When this answer ends by itself")


class UnitNameOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class AssetOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    class_zh = serializers.CharField(source="asset_class.name")
    class_en = serializers.CharField(source="asset_class.name_en")


class ToldOut(serializers.Serializer[Any]):
    """What a managed area says of a report: permitted there now, or known already."""

    effect = serializers.ChoiceField(choices=["permit", "notice"])
    name_zh = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    text_zh = serializers.CharField(allow_blank=True)
    text_en = serializers.CharField(allow_blank=True)
    most_db = serializers.IntegerField(allow_null=True, help_text="Up to so many dB(A) are permitted")


class ReceiptOut(serializers.Serializer[Any]):
    """The answer to a report, and to every repetition of the same call."""

    number = serializers.CharField()
    public_id = serializers.UUIDField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    reported_at = serializers.DateTimeField()
    cell = NamedCell(allow_null=True)
    community = NamedCell(allow_null=True)
    street = NamedCell(allow_null=True)
    border_cells = serializers.ListField(child=serializers.CharField())
    worker = WorkerOut()
    asset_code = serializers.CharField(allow_blank=True)
    flags = serializers.ListField(
        child=serializers.ChoiceField(
            choices=[
                "unlocated",
                "outside_the_grid",
                "near_a_border",
                "substitute",
                "level_above",
                "nobody_on_duty",
            ]
        )
    )
    told = ToldOut(many=True, help_text="Permits and notices of managed areas there")


def receipt(answer: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The kept answer of the intake as this viewer may see it."""
    cell = answer["cell"]
    kept = answer["worker"]
    seen = cell is not None and viewer.scopes.sees_people_of(cell["code"])
    seen = seen or viewer.scopes.everywhere or kept["id"] == viewer.user.pk
    worker = {
        "id": kept["id"] if seen else None,
        "name": kept["name"] if seen else "",
        "role": "",
        "phone": "",
        "level": kept["level"],
        "is_substitute": kept["is_substitute"],
    }
    shown = {name: answer[name] for name in ("number", "public_id", "stage", "reported_at", "cell", "flags")}
    named = {"community": answer["community"], "street": answer["street"]}
    asset = answer["asset"]
    return (
        shown
        | named
        | {
            "border_cells": answer["border_cells"],
            "worker": worker,
            "asset_code": asset["code"] if asset else "",
        }
    )


class IncidentRowOut(serializers.Serializer[Incident]):
    """An incident in a list."""

    number = serializers.CharField()
    public_id = serializers.UUIDField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    waiting = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[level.value for level in LoopLevel])
    lng = serializers.SerializerMethodField()
    lat = serializers.SerializerMethodField()
    location_text = serializers.SerializerMethodField(help_text="Empty on a wall that visitors look at")
    description = serializers.SerializerMethodField(help_text="Empty on a wall that visitors look at")
    class_zh = serializers.SerializerMethodField()
    class_en = serializers.SerializerMethodField()
    class_code = serializers.SerializerMethodField()
    class_icon = serializers.SerializerMethodField()
    cell = serializers.SerializerMethodField()
    worker = serializers.SerializerMethodField(help_text="Name of the cell worker")
    is_mine = serializers.SerializerMethodField()
    reported_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    is_simulated = serializers.BooleanField()

    @property
    def viewer(self) -> Viewer:
        viewer = self.context["viewer"]
        assert isinstance(viewer, Viewer)  # noqa: S101  for the type checker
        return viewer

    def get_lng(self, incident: Incident) -> float | None:
        return incident.point.x if incident.point is not None else None

    def get_lat(self, incident: Incident) -> float | None:
        return incident.point.y if incident.point is not None else None

    def get_location_text(self, incident: Incident) -> str:
        return self.viewer.words(incident, incident.location_text)

    def get_description(self, incident: Incident) -> str:
        return self.viewer.words(incident, incident.description)

    def get_class_zh(self, incident: Incident) -> str:
        known = incident.asset_class or incident.event_class
        return known.name if known else ""

    def get_class_en(self, incident: Incident) -> str:
        known = incident.asset_class or incident.event_class
        return known.name_en if known else ""

    def get_class_code(self, incident: Incident) -> str:
        known = incident.asset_class or incident.event_class
        return known.code if known else ""

    def get_class_icon(self, incident: Incident) -> str:
        known = incident.asset_class or incident.event_class
        return known.icon if known else ""

    @extend_schema_field(NamedCell(allow_null=True))
    def get_cell(self, incident: Incident) -> dict[str, str] | None:
        version = incident.cell_version
        if version is None:
            return None
        return {
            "code": version.code,
            "name": version.name,
            "name_en": getattr(incident, "cell_name_en", "") or "",
        }

    def get_worker(self, incident: Incident) -> str:
        return self.viewer.name(incident, incident.cell_worker)

    def get_is_mine(self, incident: Incident) -> bool:
        return self.viewer.is_mine(incident)


class StepOut(serializers.Serializer[StepTaken]):
    """One step of the timeline."""

    id = serializers.IntegerField()
    move = serializers.CharField()
    from_stage = serializers.CharField(allow_blank=True)
    to_stage = serializers.CharField()
    level = serializers.CharField()
    actor = serializers.CharField(allow_blank=True, help_text="Name of the person, or the part of the system")
    taken_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)
    text = TwoTongues(allow_null=True)


def timeline(incident: Incident, viewer: Viewer) -> list[dict[str, Any]]:
    """The steps of an incident, the first first."""
    steps = list(incident.steps_taken.select_related("actor_user").order_by("id"))
    names: dict[int, str] = {}
    if viewer.sees_people(incident):
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=people_named(steps))}
    return [
        {
            "id": step.pk,
            "move": step.move,
            "from_stage": step.from_stage,
            "to_stage": step.to_stage,
            "level": step.level,
            "actor": viewer.name(incident, step.actor_user) if step.actor_user else _system_name(step.actor),
            "taken_at": step.taken_at,
            "note": viewer.words(incident, step.note),
            "text": sentence(step, names),
        }
        for step in steps
    ]


def _system_name(actor: str) -> str:
    """`clock` and the like; the login of somebody at the database is nobody's business."""
    return actor if actor in {"clock", "import", "sensor", "simulation"} else ""


class IncidentPhotoOut(serializers.Serializer[IncidentPhoto]):
    """A photo of an incident. `url` is short-lived."""

    public_id = serializers.UUIDField(source="photo.public_id")
    role = serializers.CharField(source="photo.role")
    taken_at = serializers.DateTimeField(source="photo.taken_at", allow_null=True)
    width = serializers.IntegerField(source="photo.width")
    height = serializers.IntegerField(source="photo.height")
    url = serializers.SerializerMethodField()

    def get_url(self, link: IncidentPhoto) -> str:
        return url_of(link.photo)


class IncidentCardOut(MeasuredPart, JudgedPart, IncidentRowOut):
    """Everything about one incident but the reporter's contact."""

    channel = serializers.CharField()
    source_number = serializers.CharField(allow_blank=True)
    found_by_patrol = serializers.BooleanField()
    asset = AssetOut(allow_null=True)
    units = serializers.SerializerMethodField()
    border_cells = serializers.SerializerMethodField()
    worker_card = serializers.SerializerMethodField()
    holder = serializers.SerializerMethodField()
    responsible_unit = UnitNameOut(allow_null=True)
    reported_by = serializers.SerializerMethodField()
    filed_at = serializers.DateTimeField(allow_null=True)
    handled_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    round = serializers.IntegerField()
    steps = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField()
    has_contact = serializers.SerializerMethodField(help_text="Whether this viewer could read a contact")

    @extend_schema_field(NamedUnit(many=True))
    def get_units(self, incident: Incident) -> list[dict[str, str]]:
        unit: GridUnit | None = incident.cell_version.community if incident.cell_version else None
        found = []
        while unit is not None:
            found.append({"code": unit.code, "level": unit.level, "name": unit.name, "name_en": unit.name_en})
            unit = unit.parent
        return found

    @extend_schema_field(NamedCell(many=True))
    def get_border_cells(self, incident: Incident) -> list[dict[str, str]]:
        codes = incident.border_unit_codes
        named = Cell.objects.filter(code__in=codes).values("code", "name", "name_en") if codes else []
        known: dict[str, Any] = {cell["code"]: cell for cell in named}
        return [known.get(code, {"code": code, "name": "", "name_en": ""}) for code in codes]

    @extend_schema_field(WorkerOut(allow_null=True))
    def get_worker_card(self, incident: Incident) -> dict[str, Any] | None:
        seen = self.viewer.sees_people(incident)
        worker = incident.cell_worker
        return {
            "id": worker.pk if seen else None,
            "name": str(worker) if seen else "",
            "role": "",
            "phone": worker.phone if seen else "",
            "level": incident.worker_level,
            "is_substitute": incident.worker_is_substitute,
        }

    def get_holder(self, incident: Incident) -> str:
        return self.viewer.name(incident, incident.holder)

    def get_reported_by(self, incident: Incident) -> str:
        return self.viewer.name(incident, incident.reported_by)

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, incident: Incident) -> list[dict[str, Any]]:
        return timeline(incident, self.viewer)

    @extend_schema_field(IncidentPhotoOut(many=True))
    def get_photos(self, incident: Incident) -> Any:
        if not self.viewer.reads_words(incident):
            return []
        links = incident.photo_links.select_related("photo").order_by("id")
        return IncidentPhotoOut(list(links), many=True).data  # type: ignore[arg-type]

    def get_has_contact(self, incident: Incident) -> bool:
        if not self.viewer.scopes.may(Action.READ_CONTACT, incident.place_code()):
            return False
        return IncidentContact.objects.filter(incident=incident).exists()


class PageOfIncidents(serializers.Serializer[Any]):
    """A page of the list. Past 10,000 the count says 10,000."""

    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = IncidentRowOut(many=True)


class ContactOut(serializers.Serializer[IncidentContact]):
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
