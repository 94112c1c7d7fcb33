"""A second person looks at a draft before it is published."""

from datetime import datetime

from django.utils import timezone

from geogrid.core.actor import acting_as
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.workshop.drafts import locked
from grid_units.workshop.models import Draft, DraftEdit, Stage


def ask_for_review(*, draft: Draft, actor: User, note: str = "") -> None:
    """Hand a draft in; it is not edited meanwhile.

    Raises:
        Forbidden, Conflict: not the actor's ground; not a draft any more, or nothing was drawn.
    """
    require(actor, Action.EDIT_GRID, draft.unit_code)
    with acting_as(actor):
        draft = locked(draft, Stage.DRAFT)
        if not draft.edits_made:
            raise Conflict("Nothing has been drawn in this draft yet.")
        _step(draft, Stage.IN_REVIEW, note)


def approve(*, draft: Draft, actor: User, note: str = "") -> None:
    """Say yes to what others drew.

    Raises:
        Forbidden: the actor may not approve there, or worked on the draft.
    """
    require(actor, Action.APPROVE_GRID, draft.unit_code)
    with acting_as(actor):
        draft = locked(draft, Stage.IN_REVIEW)
        if draft.made_by_id == actor.pk or DraftEdit.objects.filter(draft=draft, author=actor).exists():
            raise Forbidden("Whoever worked on a draft does not approve it: ask a second person.")
        draft.approved_by, draft.approved_at = actor, timezone.now()
        _step(draft, Stage.APPROVED, note)


def give_back(*, draft: Draft, actor: User, note: str) -> None:
    """Return a draft to those who draw, with what is wrong.

    Raises:
        Invalid: without a word.
    """
    require(actor, Action.EDIT_GRID, draft.unit_code)
    if not note.strip():
        raise Invalid("Say what is to be changed.", {"note": ["Say what."]})
    with acting_as(actor):
        draft = locked(draft, Stage.IN_REVIEW, Stage.APPROVED)
        _step(draft, Stage.DRAFT, note)


def discard(*, draft: Draft, actor: User, note: str = "") -> None:
    """Give a draft up. What was drawn stays in its list of edits."""
    require(actor, Action.EDIT_GRID, draft.unit_code)
    with acting_as(actor):
        _step(locked(draft, Stage.DRAFT, Stage.IN_REVIEW, Stage.APPROVED), Stage.DISCARDED, note)


def set_time(*, draft: Draft, actor: User, at: datetime, reason: str) -> None:
    """Have an approved draft published by the clock.

    Raises:
        Invalid: the time has passed.
    """
    require(actor, Action.APPROVE_GRID, draft.unit_code)
    if at <= timezone.now():
        raise Invalid("That moment has passed; leave it empty to publish now.", {"at": ["Later than now."]})
    with acting_as(actor):
        draft = locked(draft, Stage.APPROVED)
        draft.publish_at, draft.publish_by, draft.publish_reason, draft.refused = at, actor, reason, ""
        draft.save(update_fields=["publish_at", "publish_by", "publish_reason", "refused"])


def _step(draft: Draft, stage: Stage, note: str) -> None:
    draft.stage = stage
    if note:
        draft.review_note = note
    if stage != Stage.APPROVED:
        draft.approved_by = draft.approved_at = draft.publish_at = draft.publish_by = None
    draft.refused = ""
    draft.save()
