"""The city itself."""

from zoneinfo import ZoneInfo, available_timezones

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


def known_zone(name: str) -> None:
    """Refuse a time zone that the zone database does not know."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone such as Asia/Shanghai or Europe/Helsinki.")


def default_segments() -> list[int]:
    return [6, 3, 3, 3]


class City(models.Model):
    """The one city (or district) that this deployment runs. There is exactly one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    county_code = models.CharField(max_length=12)
    code_segments = ArrayField(models.SmallIntegerField(), default=default_segments)
    zone = models.CharField(max_length=60, validators=[known_zone])
    is_demo = models.BooleanField(default=False)
    attribution = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "city"
        verbose_name_plural = "city"
        constraints = [
            models.CheckConstraint(name="there_is_one_city", condition=Q(id=1)),
            models.CheckConstraint(
                name="city_county_code_is_digits", condition=Q(county_code__regex=r"^\d{4,12}$")
            ),
            models.CheckConstraint(name="city_codes_have_four_segments", condition=Q(code_segments__len=4)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that decides calendar and local day."""
        return ZoneInfo(self.zone)


def the_city() -> City | None:
    """The city, or None before the first run."""
    return City.objects.first()
