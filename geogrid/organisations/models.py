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


class DisplayQuerySet(models.QuerySet["Display"]):
    """Words for lists of displays."""

    def usable(self) -> Self:
        """Not revoked, with an account that may still come in."""
        return self.filter(revoked_at=None, user__is_active=True)


class Display(models.Model):
    """A wall (大屏) that was paired by code. It only shows: its account has no password, its key only reads.

    The key is a cookie of that screen; here is its SHA-256. The database closes the account when the
    display is revoked. `wishes` is what the desk asks it to show.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="display")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hides_people = models.BooleanField(
        default=False, help_text="Strangers look at it: no names, no positions"
    )
    wishes = models.JSONField(default=dict, blank=True)
    address = models.CharField(max_length=45, blank=True, help_text="Where it asked from")
    paired_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    paired_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = DisplayQuerySet.as_manager()

    class Meta:
        db_table = "display"
        constraints = [
            models.CheckConstraint(name="display_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="display_revoked_by_only_when_revoked",
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DisplayPairing(models.Model):
    """A screen that shows a code and waits for somebody to confirm it. Its key is known by its SHA-256."""

    code = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=45, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "display_pairing"
        constraints = [
            models.CheckConstraint(
                name="display_pairing_code_is_readable", condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{6}$")
            ),
            models.CheckConstraint(
                name="display_pairing_ends_after_it_starts", condition=Q(expires_at__gt=F("asked_at"))
            ),
        ]

    def __str__(self) -> str:
        return self.code
