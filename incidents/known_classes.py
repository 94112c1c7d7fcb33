"""Ids of classes by their code, known for a few seconds so that a busy intake costs no query for them."""

import time

from assets.models import AssetClass
from incidents.models import EventClass

KEEP_S = 5.0


class KnownClasses:
    """Active classes by code. A bare code means the newest edition; `scheme/version/code` names one."""

    def __init__(self, model: type[AssetClass] | type[EventClass]) -> None:
        self._model = model
        self._until = 0.0
        self._ids: dict[str, int] = {}

    def id_of(self, code: str) -> int | None:
        """Id of the class, or None when there is no such active class."""
        if code not in self._ids or time.monotonic() >= self._until:
            self._load()
        return self._ids.get(code)

    def _load(self) -> None:
        found: dict[str, int] = {}
        rows = self._model._default_manager.filter(is_active=True).order_by("version", "id")
        for pk, scheme, version, code in rows.values_list("id", "scheme", "version", "code"):
            found[code] = pk
            found[f"{scheme}/{version}/{code}"] = pk
        self._ids, self._until = found, time.monotonic() + KEEP_S


asset_classes = KnownClasses(AssetClass)
event_classes = KnownClasses(EventClass)
