"""Units (organisations), people and their tokens."""

from enum import StrEnum
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from geogrid.organisations.roles import Action


class OrganisationKind(StrEnum):
    """What a unit is to the city. One unit can be several of these."""

    AUTHORITY = "authority"  # 主管单位, the competent authority
    OWNER = "owner"  # 权属单位
    MAINTAINER = "maintainer"  # 养护单位
    HANDLING_UNIT = "handling_unit"  # 处置单位
    COMMUNITY = "community"  # 社区
    SUPERVISION_CENTRE = "supervision_centre"  # 监督中心


class Organisation(models.Model):
    """A unit (责任单位) that owns, maintains, handles or supervises."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=20), default=list)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    phone = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=100, blank=True, help_text="Where the name came from, when imported")
    is_simulated = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "organisation"
        indexes = [models.Index(fields=["name"], name="organisation_by_name")]
        constraints = [
            models.CheckConstraint(
                name="organisation_kinds_are_known",
                condition=Q(
                    kinds__contained_by=[
                        "authority",
                        "owner",
                        "maintainer",
                        "handling_unit",
                        "community",
                        "supervision_centre",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="organisation_is_not_its_own_parent", condition=~Q(parent=F("id")) | Q(parent=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who can log in. What they may do stands in their memberships."""

    display_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    language = models.CharField(max_length=8, blank=True, choices=[("zh", "中文"), ("en", "English")])
    permission_epoch = models.PositiveIntegerField(
        default=0, help_text="Raised when rights are taken away: tokens of the time before are refused"
    )
    is_simulated = models.BooleanField(default=False)

    # Set by the authentication of a request that came with an API token: the actions it allows.
    token_actions: frozenset[Action] | None = None
    # What has been worked out about this person for this request; copies of one cached user share it.
    kept_scopes: list[object]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kept_scopes = []

    class Meta:
        db_table = "user_account"

    def __str__(self) -> str:
        return self.display_name or self.username


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Words for lists of tokens."""

    def usable(self) -> Self:
        """Neither revoked nor expired, of a person who may still log in."""
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """A machine's key. Only its SHA-256 is kept; the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
