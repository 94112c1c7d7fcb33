"""What the API shows of misses and gaps."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from geogrid.organisations.models import User
from incidents.cards import NamedCell, TwoTongues
from incidents.patrol_quality.figures import LEVELS, Tally
from incidents.patrol_quality.judging import Because, Verdict
from incidents.patrol_quality.models import Judgement
from incidents.patrol_quality.words import BECAUSE_WORDS, VERDICT_WORDS

LONGEST_SPAN = timedelta(days=400)
USUAL_SPAN = timedelta(days=30)


class SpanQuery(serializers.Serializer[Any]):
    """Reports that came in a span of time; the last thirty days without one."""

    start = serializers.DateTimeField(required=False)
    end = serializers.DateTimeField(required=False)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        said["end"] = said.get("end") or timezone.now()
        said["start"] = said.get("start") or said["end"] - USUAL_SPAN
        if said["start"] >= said["end"]:
            raise serializers.ValidationError({"start": "开始须早于结束。The start must be before the end."})
        if said["end"] - said["start"] > LONGEST_SPAN:
            raise serializers.ValidationError({"start": "最多 400 天。At most 400 days."})
        return said


class TallyQuery(SpanQuery):
    """By which units, or by person."""

    by = serializers.ChoiceField(choices=[*LEVELS, "WORKER"], default="CELL")


class JudgementsQuery(SpanQuery):
    """Which judgements to list."""

    verdict = serializers.ChoiceField(choices=[one.value for one in Verdict], required=False)
    unit = serializers.RegexField(r"^\d{1,15}$", required=False, help_text="Code of a unit, or its beginning")
    worker = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class TallyOut(serializers.Serializer[Tally]):
    """How citizens' reports of one unit, or those that name one person, were judged."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    worker = serializers.IntegerField(allow_null=True)
    miss = serializers.IntegerField(help_text="Somebody on duty walked past and did not report it")
    gap = serializers.IntegerField(help_text="Nobody was there although the street is to be patrolled")
    neither = serializers.IntegerField()
    judged = serializers.IntegerField(help_text="All of them")


class JudgedWorker(serializers.Serializer[User]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")


class JudgementOut(serializers.Serializer[Judgement]):
    """Whether a patrol should have found it. Who it was and where is told to those who may see positions."""

    number = serializers.CharField(source="incident.number")
    verdict = serializers.ChoiceField(choices=[one.value for one in Verdict])
    because = serializers.ChoiceField(choices=[one.value for one in Because])
    words = serializers.SerializerMethodField()
    cell = serializers.SerializerMethodField()
    window_from = serializers.DateTimeField()
    window_to = serializers.DateTimeField(help_text="When the citizen reported")
    worker = serializers.SerializerMethodField(
        help_text="Of a miss who walked past, else who of those on duty came nearest"
    )
    nearest_at = serializers.SerializerMethodField()
    nearest_m = serializers.SerializerMethodField()
    way = serializers.SerializerMethodField(help_text="[longitude, latitude, Unix seconds]")
    passed_by_others = serializers.BooleanField(help_text="Somebody without a duty here walked past")
    earlier = serializers.SerializerMethodField(help_text="Number of a patrol's earlier report")
    first_verdict = serializers.ChoiceField(choices=[one.value for one in Verdict])
    judged_at = serializers.DateTimeField()
    is_settled = serializers.BooleanField(help_text="No late data amends it any more")

    def _is_shown(self, judgement: Judgement) -> bool:
        people: set[int] = self.context["people"]
        return judgement.worker_id is not None and judgement.worker_id in people

    @extend_schema_field(TwoTongues)
    def get_words(self, judgement: Judgement) -> dict[str, dict[str, str]]:
        verdict, why = VERDICT_WORDS[Verdict(judgement.verdict)], BECAUSE_WORDS[Because(judgement.because)]
        return TwoTongues({"zh": f"{verdict[0]}：{why[0]}", "en": f"{verdict[1]}: {why[1]}"}).data

    @extend_schema_field(NamedCell(allow_null=True))
    def get_cell(self, judgement: Judgement) -> dict[str, str] | None:
        version = judgement.incident.cell_version
        return {"code": version.code, "name": version.name, "name_en": ""} if version else None

    @extend_schema_field(JudgedWorker(allow_null=True))
    def get_worker(self, judgement: Judgement) -> dict[str, Any] | None:
        return JudgedWorker(judgement.worker).data if self._is_shown(judgement) else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_nearest_at(self, judgement: Judgement) -> Any:
        return judgement.nearest_at if self._is_shown(judgement) else None

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_nearest_m(self, judgement: Judgement) -> float | None:
        return judgement.nearest_m if self._is_shown(judgement) else None

    @extend_schema_field(serializers.ListField(child=serializers.ListField(child=serializers.FloatField())))
    def get_way(self, judgement: Judgement) -> list[list[float]]:
        return judgement.way if self._is_shown(judgement) else []

    @extend_schema_field(serializers.CharField(allow_blank=True))
    def get_earlier(self, judgement: Judgement) -> str:
        return judgement.earlier.number if judgement.earlier else ""


class PageOfJudgements(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = JudgementOut(many=True)
