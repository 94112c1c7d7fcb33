"""Who has a case in work just now, and the filters that people keep for themselves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.models import Incident


class Claim(models.Model):
    """Somebody has this case open for work (在办). It lasts while it is renewed, and a moment longer."""

    incident = models.OneToOneField(
        Incident, primary_key=True, on_delete=models.CASCADE, related_name="claim"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims", db_index=False
    )
    taken_at = models.DateTimeField()
    until = models.DateTimeField(help_text="Over then, unless it is renewed")
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    word = models.CharField(max_length=300, blank=True, help_text="What was said when it was taken over")

    class Meta:
        db_table = "desk_claim"
        constraints = [
            models.CheckConstraint(name="claim_lasts_a_while", condition=Q(until__gt=F("taken_at"))),
            models.CheckConstraint(
                name="claim_is_taken_over_with_a_word", condition=Q(taken_from=None) | ~Q(word="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.user_id}"


class SavedFilter(models.Model):
    """A list of the desk that somebody keeps under a name (常用筛选)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=60)
    said = models.JSONField(help_text="Queue, order and filters, as the list is asked for")

    class Meta:
        db_table = "desk_saved_filter"
        constraints = [
            models.UniqueConstraint(name="saved_filter_has_one_name", fields=["user", "name"]),
            models.CheckConstraint(name="saved_filter_is_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
