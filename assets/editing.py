"""Making and changing single assets. Batches come through the importer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError

from assets.models import Asset
from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require

# What each unique constraint means, in words.
_TAKEN: Final = {
    "asset_code_is_unique": "There is an asset with this code already.",
    "asset_source_id_is_unique": "There is an asset of this source with this id already.",
}


def create_asset(*, fields: dict[str, Any], actor: User, at: datetime) -> Asset:
    """Make an asset of validated `fields` (names of the model). Code and cell are the database's to give.

    Raises:
        Forbidden: when the actor may not edit assets at its place.
        Conflict: when its code, or its id at the source, is taken.
    """
    require(actor, Action.EDIT_ASSETS)
    made = Asset(created_at=at, updated_at=at, **fields)
    with _told_kindly(), acting_as(actor):
        made.save(force_insert=True)
        asset = Asset.objects.select_related("cell").get(pk=made.pk)
        require_at(actor, asset)
    return asset


def change_asset(
    *, asset: Asset, fields: dict[str, Any], actor: User, at: datetime, seen_at: datetime | None = None
) -> None:
    """Change the named fields of an asset, and no other.

    What was invented for a demonstration and is now said by somebody is invented no more.

    Raises:
        Forbidden: when the actor may not edit assets where it was, or where it would be.
        Conflict: when it has changed since `seen_at`, its `updated_at` as the actor saw it.
    """
    with _told_kindly(), acting_as(actor):
        held = Asset.objects.select_for_update(of=("self",)).select_related("cell").get(pk=asset.pk)
        require_at(actor, held)
        if seen_at is not None and held.updated_at != seen_at:
            raise Conflict("Somebody has changed this asset since you opened it. Look at it again.")
        differing = {name: value for name, value in fields.items() if getattr(held, name) != value}
        if differing and "change_date" not in fields:
            differing["change_date"] = _local_date(at)
        invented = [name for name in held.simulated_fields if name not in fields]
        if invented != held.simulated_fields:
            differing["simulated_fields"] = invented
        if differing:
            Asset.objects.filter(pk=held.pk).update(**differing)
        if "geom" in differing:
            require_at(actor, Asset.objects.select_related("cell").get(pk=held.pk))


def require_at(actor: User, asset: Asset) -> None:
    """Let pass who may edit assets in its cell; outside of all cells: who may in the whole district.

    Raises:
        Forbidden: with a sentence that names the unit.
    """
    city = the_city()
    place = asset.cell.code if asset.cell else (city.county_code if city else "")
    require(actor, Action.EDIT_ASSETS, place)


def _local_date(at: datetime) -> date:
    city = the_city()
    return (at.astimezone(city.timezone) if city else at).date()


@contextmanager
def _told_kindly() -> Iterator[None]:
    """A taken code becomes Conflict with a sentence of ours."""
    try:
        yield
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        sentence = _TAKEN.get(getattr(diagnostics, "constraint_name", None) or "")
        if sentence is None:
            raise
        raise Conflict(sentence) from error
