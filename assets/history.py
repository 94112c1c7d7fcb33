"""What happened to one asset, put together from its row and its history, in words instead of ids."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from assets.models import Asset, AssetClass
from geogrid.changes.models import RowHistory
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from grid_units.models import Cell

LONGEST: Final = 500
_UNITS: Final = ("competent_authority_id", "owner_id", "maintainer_id")
_SHOWN_AS: Final = {
    "asset_class_id": "asset_class",
    "cell_id": "cell",
    "competent_authority_id": "competent_authority",
    "owner_id": "owner",
    "maintainer_id": "maintainer",
    "geom": "place",
}
_OURS: Final = frozenset({"id", "geom_3857", "updated_at", "source_digest", "simulated_fields"})
_SYSTEM: Final = frozenset({"clock", "import", "simulation"})


def history_of(asset: Asset, viewer: User) -> list[dict[str, Any]]:
    """Entries `{"at", "actor", "op", "changes": [{"field", "before", "after"}]}`, the creation first.

    At most the LONGEST last changes. Who did it is named to those who may see people there, and to
    themselves.
    """
    kept = RowHistory.objects.filter(table_name="asset", row_id=asset.pk, op="update").order_by("-id")[
        :LONGEST
    ]
    entries = [(entry, [c for c in _changes(entry) if c[0] not in _OURS]) for entry in reversed(kept)]
    words = _words([change for _, changes in entries for change in changes])
    names = _names(asset, viewer, {asset.created_by, *(entry.actor for entry, _ in entries)})
    told: list[dict[str, Any]] = [
        {"at": asset.created_at, "actor": names(asset.created_by), "op": "insert", "changes": []}
    ]
    for entry, changes in entries:
        if changes:
            shown = [
                {
                    "field": _SHOWN_AS.get(field, field),
                    "before": words(field, before),
                    "after": words(field, after),
                }
                for field, before, after in changes
            ]
            told.append({"at": entry.at, "actor": names(entry.actor), "op": "update", "changes": shown})
    return told


def _changes(entry: RowHistory) -> Iterable[tuple[str, Any, Any]]:
    """(column, before, after) of one change; attributes one by one, as `attributes.<name>`."""
    after = entry.after or {}
    for column in sorted(entry.before):
        old, new = entry.before[column], after.get(column)
        if column == "attributes" and isinstance(old, dict) and isinstance(new, dict):
            for name in sorted({*old, *new}):
                if old.get(name) != new.get(name):
                    yield f"attributes.{name}", old.get(name), new.get(name)
        else:
            yield column, old, new


def _words(changes: list[tuple[str, Any, Any]]) -> Callable[[str, Any], Any]:
    """What to show for a column's value: names for ids, a place in degrees for a shape.

    Units and classes have names in two languages: `{"name", "name_en"}`.
    """

    def ids(*columns: str) -> set[int]:
        return {
            value
            for column, *both in changes
            if column in columns
            for value in both
            if isinstance(value, int)
        }

    units = {one.pk: _both(one.name, one.name_en) for one in Organisation.objects.filter(pk__in=ids(*_UNITS))}
    cells = dict(Cell.objects.filter(pk__in=ids("cell_id")).values_list("pk", "code"))
    classes = {
        one.pk: _both(f"{one.code} {one.name}", f"{one.code} {one.name_en}")
        for one in AssetClass.objects.filter(pk__in=ids("asset_class_id"))
    }

    def show(column: str, value: Any) -> Any:
        if column in _UNITS and value is not None:
            return units.get(value, _both(f"#{value}", ""))
        if column == "cell_id" and value is not None:
            return cells.get(value, f"#{value}")
        if column == "asset_class_id":
            return classes.get(value, _both(f"#{value}", ""))
        return _place(value) if column == "geom" else value

    return show


def _both(name: str, name_en: str) -> dict[str, str]:
    return {"name": name, "name_en": name_en}


def _place(shape: Any) -> str:
    """`24.941200 60.170100` of a point; of others the type and the first corner. `shape` is GeoJSON."""
    if not isinstance(shape, dict):
        return ""
    corner = shape.get("coordinates") or []
    while corner and isinstance(corner[0], list):
        corner = corner[0]
    text = " ".join(f"{number:.6f}" for number in corner[:2])
    return text if shape.get("type") == "Point" else f"{shape.get('type')} {text}"


def _names(asset: Asset, viewer: User, actors: set[str]) -> Callable[[str], str]:
    people = {user.username: str(user) for user in User.objects.filter(username__in=actors)}
    scopes = scopes_of(viewer)
    sees = scopes.sees_people_of(asset.cell.code) if asset.cell else "" in scopes.prefixes(Action.SEE_PEOPLE)

    def name(actor: str) -> str:
        if sees or actor in _SYSTEM or actor == viewer.get_username():
            return people.get(actor, actor)
        return ""

    return name
