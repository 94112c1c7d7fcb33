"""What an incident's card says of patrols: only whether there is a judgement that this viewer may read."""

from typing import Any

from rest_framework import serializers

from geogrid.organisations.roles import Action
from incidents.models import Incident
from incidents.patrol_quality.models import Judgement


class JudgedPart(serializers.Serializer[Any]):
    """The part of an incident's card that the quality of patrols fills."""

    is_judged = serializers.SerializerMethodField(
        help_text="Whether this viewer can read a judgement of the patrols at .../patrol-quality"
    )

    def get_is_judged(self, incident: Incident) -> bool:
        judgement = Judgement.objects.filter(incident=incident).only("worker_id").first()
        if judgement is None:
            return False
        viewer = self.context["viewer"]
        prefixes = viewer.scopes.prefixes(Action.SEE_POSITIONS)
        return judgement.worker_id == viewer.user.pk or incident.unit_code.startswith(prefixes)
