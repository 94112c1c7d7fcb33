"""Whose features: what a person sees of a layer, and where they may write, by the same table of roles."""

from typing import Final

from django.contrib.auth.models import AnonymousUser

from geogrid.changes.passes import Pass
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.granting import pass_of
from tiles.layer import Scope
from tiles.ogc.filtering import Where, quoted

# What of an incident is not under its own unit code: the person's own business, and what is at a border.
_OWN_OR_NEAR: Final = """EXISTS (
    SELECT FROM public.incident i
    WHERE i.id = v.id AND (
        %s IN (i.reported_by_id, i.cell_worker_id, i.holder_id)
        OR (i.handling_unit_ids && %s::bigint[] AND i.handling_unit_ids <> '{}')
        OR EXISTS (SELECT FROM unnest(i.border_unit_codes) AS near (code) WHERE near.code ^@ ANY(%s))
    )
)"""

_EDITED_AS: Final[dict[str, Action]] = {"cell": Action.EDIT_GRID, "incident": Action.MOVE_PLACE}


def seen_by(layer: GisLayer, user: User | AnonymousUser) -> Where:
    """The condition of what `user` may see of a layer."""
    return seen_with(layer, pass_of(user))


def seen_with(layer: GisLayer, asked_by: Pass) -> Where:
    """The condition of what the holder of a pass may see of a layer. The row is `v`."""
    where = Where()
    if layer.scope == Scope.PUBLIC:
        return where
    unit = quoted(layer.unit or "unit_code")
    if layer.scope == Scope.POSITIONS:
        where.add(f"{unit} ^@ ANY(%s)", list(asked_by.positions))
    elif not asked_by.everywhere:
        prefixes = list(asked_by.prefixes)
        sql = [f"{unit} ^@ ANY(%s)"]
        values: list[object] = [prefixes]
        if asked_by.unplaced:
            sql.append(f"{unit} = ''")
        if any(column.name == "responsible_unit_id" for column in layer.columns):
            sql += ["v.responsible_unit_id = ANY(%s)", _OWN_OR_NEAR]
            own = list(asked_by.organisations)
            values += [own, asked_by.user_id, own, prefixes]
        where.add(" OR ".join(sql), *values)
    return where


def edited_as(layer: GisLayer) -> Action:
    """The action that writing in a layer is. It is asked for where a feature was and where it will be."""
    return _EDITED_AS.get(layer.id, Action.EDIT_ASSETS)


def place_sql(layer: GisLayer) -> str:
    """SQL of the code of the cell that a feature lies in; empty outside of all."""
    if layer.unit is not None:
        return f"coalesce({quoted(layer.unit)}, '')"
    if any(column.name == "cell_id" for column in layer.columns):
        return "coalesce((SELECT c.code FROM public.cell c WHERE c.id = v.cell_id), '')"
    inside = f"core.cell_at(ST_PointOnSurface({quoted(layer.geometry or 'geom')}))"
    return f"coalesce((SELECT c.code FROM public.cell c WHERE c.id = {inside}), '')"  # noqa: S608 - our names


def collections_of(user: User | AnonymousUser) -> list[GisLayer]:
    """The layers there are. All are named to everybody who is signed in; what is in them differs."""
    return list(GIS_LAYERS.values())
