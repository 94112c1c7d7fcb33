"""The pass: what the holder of a feed token may see, as tiles, live feed and search all read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from geogrid.core.signing import BadToken, Signer


@dataclass(frozen=True)
class Pass:
    """What its holder may see. Grid, units, assets, buildings and streets need nothing but a pass.

    prefixes: unit-code prefixes whose incidents are seen. organisations: ids of units whose incidents are
    seen wherever they are. everywhere: all incidents. unplaced: also those whose place is not known.
    people: unit-code prefixes of which workers' names are seen. positions: unit-code prefixes of whose people
    it is seen where they are. What the holder reported or has to do is seen besides, wherever it is.
    """

    user_id: int
    epoch: int
    prefixes: tuple[str, ...] = ()
    organisations: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    everywhere: bool = False
    unplaced: bool = False
    expires_at: float = 0.0

    @property
    def scope(self) -> tuple[object, ...]:
        """Equal for all passes that see the same; what is made for one can be shown to the other."""
        if self.everywhere:
            return (True, self.people, self.positions)
        return (
            False,
            self.people,
            self.positions,
            self.prefixes,
            self.organisations,
            self.unplaced,
            self.user_id,
        )

    def sees_people_of(self, code: str) -> bool:
        """Whether the names of those who answer for this unit may be shown."""
        return bool(code) and code.startswith(self.people)

    def sees_positions_of(self, codes: Iterable[str]) -> bool:
        """Whether it may be known where people of one of these units are."""
        return any(code.startswith(self.positions) for code in codes if code)

    def sees_units(self, codes: Iterable[str]) -> bool:
        """Whether any of these units lies in, or holds, a unit that this pass covers."""
        if self.everywhere:
            return True
        return any(
            code.startswith(prefix) or prefix.startswith(code)
            for code in codes
            if code
            for prefix in self.prefixes
        )


@cache
def _signer() -> Signer:
    return Signer("feed", [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])


def issue(granted: Pass, *, now: float | None = None) -> str:
    """The feed token of a pass, good for five minutes."""
    claims: dict[str, Any] = {"uid": granted.user_id, "epoch": granted.epoch}
    if granted.prefixes:
        claims["units"] = list(granted.prefixes)
    if granted.organisations:
        claims["orgs"] = list(granted.organisations)
    if granted.people:
        claims["people"] = list(granted.people)
    if granted.positions:
        claims["at"] = list(granted.positions)
    if granted.everywhere:
        claims["all"] = 1
    if granted.unplaced:
        claims["unplaced"] = 1
    return _signer().sign(claims, now=now)


def read(token: str, *, now: float | None = None) -> Pass:
    """The pass that a feed token carries.

    Raises:
        BadToken: when it is not ours or its time is over.
    """
    claims = _signer().read(token, now=now)
    try:
        return Pass(
            user_id=int(claims["uid"]),
            epoch=int(claims["epoch"]),
            prefixes=tuple(sorted(map(str, claims.get("units", ())))),
            organisations=tuple(sorted(map(int, claims.get("orgs", ())))),
            people=tuple(sorted(map(str, claims.get("people", ())))),
            positions=tuple(sorted(map(str, claims.get("at", ())))),
            everywhere=bool(claims.get("all")),
            unplaced=bool(claims.get("unplaced")),
            expires_at=float(claims["exp"]),
        )
    except (KeyError, TypeError, ValueError):
        raise BadToken("The token says nothing we know.") from None
