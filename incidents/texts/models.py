"""Texts for reporters, by move and reason."""

from typing import Self

from django.db import models
from django.db.models import Q

MOVES = [("reject", "不予立案 reject"), ("close", "结案 close")]


class ResponseTextQuerySet(models.QuerySet["ResponseText"]):
    def in_use(self) -> Self:
        return self.filter(is_active=True).order_by("move", "place", "id")


class ResponseText(models.Model):
    """One text in both languages (答复口径). A city changes the words; what was sent stays in its message."""

    move = models.CharField(max_length=10, choices=MOVES)
    code = models.SlugField(max_length=30, help_text="原因代码 code of the reason")
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    text = models.TextField(max_length=1000)
    text_en = models.TextField(max_length=1000)
    place = models.SmallIntegerField(default=1, help_text="显示顺序 order in the list")
    is_active = models.BooleanField(default=True)

    objects = ResponseTextQuerySet.as_manager()

    class Meta:
        db_table = "response_text"
        constraints = [
            models.UniqueConstraint(name="response_text_is_listed_once", fields=["move", "code"]),
            models.CheckConstraint(
                name="response_text_move_is_known", condition=Q(move__in=["reject", "close"])
            ),
            models.CheckConstraint(
                name="response_text_is_in_both_languages", condition=~Q(text="") & ~Q(text_en="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.code}"
