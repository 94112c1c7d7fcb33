"""An approved draft becomes an edition, an earlier edition comes back.

One transaction: cells, versions and outlines together (core.publish_cells, which proves them seamless), the
whole grid looked at once more by Shapely, lineage, duties. What stands on the ground follows in batches
(core.regrid_assets, core.regrid_incidents), so that nobody waits for a million rows.
"""

from dataclasses import replace
from datetime import datetime

import shapely
from django.db import IntegrityError, connection

from geogrid.core.actor import Actor, acting_as
from geogrid.core.errors import Conflict, GeoGridError, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.models import Edition
from grid_units.workshop.changes import changes_between
from grid_units.workshop.drafts import locked
from grid_units.workshop.grid import at_moment, in_force
from grid_units.workshop.models import Draft, Restoration, Stage
from grid_units.workshop.rebasing import Clash, rebased
from grid_units.workshop.writing import call, lock_grid, write


def publish(*, draft: Draft, actor: Actor, reason: str = "") -> Edition:
    """Put an approved draft in force, now. It is laid over what others published meanwhile.

    Raises:
        Forbidden: the actor may not publish there.
        Conflict: the draft is not approved; Clash: others changed the same borders.
        IntegrityError: the database found that the cells do not fit together.
    """
    with acting_as(actor):
        lock_grid()
        draft = locked(draft, Stage.APPROVED)
        if isinstance(actor, User):
            require(actor, Action.APPROVE_GRID, draft.unit_code)
        found = rebased(draft)
        if found.conflicting:
            raise Clash(draft)
        # Also of a cell that was merged into another since: its ground came with it.
        extent = draft.cells.exclude(extent_reason="").order_by("changed_at").first()
        if extent is not None:
            call("permit_extent_change", extent.extent_reason)
        edition = Edition.objects.get(id=call("open_edition", draft.name))
        write(found.changes, edition, defers=True)
        _check_whole()
        draft.stage = Stage.PUBLISHED
        draft.published = edition
        draft.publish_reason = reason or draft.publish_reason
        draft.save(update_fields=["stage", "published", "publish_reason"])
    return edition


def publish_due(at: datetime) -> int:
    """Put drafts in force whose time has come, each in the name of who set the time.

    One that cannot be published any more goes back to its people with the reason; nothing is half done.
    """
    done = 0
    due = Draft.objects.filter(stage=Stage.APPROVED, publish_at__lte=at).select_related("publish_by")
    for draft in due.order_by("publish_at", "id"):
        try:
            publish(draft=draft, actor=draft.publish_by or draft.approved_by)  # type: ignore[arg-type]
            done += 1
        except (GeoGridError, IntegrityError) as refusal:
            Draft.objects.filter(pk=draft.pk, stage=Stage.APPROVED).update(
                publish_at=None, refused=str(refusal)
            )
    return done


def restore(*, edition: Edition, actor: User, reason: str) -> Edition:
    """Bring the grid back to what it was in an earlier edition, bit for bit, under a new edition.

    Raises:
        Forbidden: the actor may not publish everywhere in the city.
        Invalid: without a reason. Conflict: that edition is in force already.
    """
    require(actor, Action.APPROVE_GRID, "")
    if not reason.strip():
        raise Invalid("Say why the edition comes back.", {"reason": ["Say why."]})
    with acting_as(actor):
        lock_grid()
        now, then = in_force(), at_moment(edition.opened_at)
        gone = {key: replace(cell, shape=None) for key, cell in now.items() if key not in then}
        changes = changes_between(now, then | gone)
        if not changes:
            raise Conflict("The grid is already what it was in that edition.")
        for code in sorted({change.cell.community_code for change in changes}):
            require(actor, Action.APPROVE_GRID, code)
        call("permit_extent_change", reason)
        opened = Edition.objects.get(id=call("open_edition", f"{edition.name} ({reason})"[:200]))
        Restoration.objects.create(edition=opened, restores=edition)
        write(changes, opened, defers=True, comes_back=True)
        _check_whole()
    return opened


def _check_whole() -> None:
    """The whole grid as it is stored now, judged by Shapely: borders match corner by corner, no overlap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, ST_AsBinary(geom) FROM cell ORDER BY id")
        rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    if shapely.coverage_is_valid(shapes):
        return
    edges = shapely.coverage_invalid_edges(shapes)
    bad = [code for (code, _), edge in zip(rows, edges, strict=True) if not edge.is_empty]
    raise Invalid(f"The grid would not be seamless at {', '.join(bad[:5])}. Nothing was published.")
