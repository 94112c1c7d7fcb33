"""Pages of long lists."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PAGE_SIZE = 50
MAX_PAGE = 2_000


def page_of(
    request: Request, rows: QuerySet[Any], show: Callable[[list[Any]], Any], count: int | None = None
) -> dict[str, Any]:
    """One page of `rows` as `{"count", "page", "pages", "results"}`; `count` when it is known already.

    Raises:
        ValidationError: when `?page=` is not a number from 1 to MAX_PAGE.
    """
    asked = request.query_params.get("page", "1")
    if not asked.isascii() or not asked.isdecimal() or not 1 <= int(asked[:9]) <= MAX_PAGE:
        raise ValidationError({"page": [f"A number from 1 to {MAX_PAGE}."]})
    page, count = int(asked), rows.count() if count is None else count
    found = list(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return {"count": count, "page": page, "pages": max(1, -(-count // PAGE_SIZE)), "results": show(found)}
