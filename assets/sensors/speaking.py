"""Who speaks for which stations (tokens), and which datastream is meant."""

import base64
import binascii
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from assets.sensors.messages import Said, Unreadable
from assets.sensors.models import Datastream, Station, StationToken
from assets.sensors.observing import Reading
from geogrid.organisations.authentication import digest_of

TOKEN_START: Final = "ggs_"  # noqa: S105 (how every token of a station begins)
KEEP_S: Final = 5.0  # a revoked token, or a datastream switched off, is so after this time
NOTE_USE_EVERY: Final = timedelta(minutes=1)
_MOST_KEPT: Final = 20_000


@dataclass(frozen=True)
class _Known:
    datastream_id: int
    station_id: int
    unit: str
    is_active: bool


class KnownDatastreams:
    """Datastreams by number and by name, known for a few seconds so that a busy intake costs no query."""

    def __init__(self) -> None:
        self._until = 0.0
        self._by_id: dict[int, _Known] = {}
        self._by_name: dict[tuple[str, str], _Known] = {}

    def find(self, all_said: Iterable[Said]) -> list[_Known | None]:
        """What each means. What is not known is asked for at most once a call."""
        wanted = list(all_said)
        if time.monotonic() >= self._until or any(self._get(said) is None for said in wanted):
            self._load(wanted)
        return [self._get(said) for said in wanted]

    def forget(self) -> None:
        """Ask the database again."""
        self._until = 0.0

    def _get(self, said: Said) -> _Known | None:
        if said.datastream_id is not None:
            return self._by_id.get(said.datastream_id)
        return self._by_name.get((said.station, said.datastream))

    def _load(self, wanted: list[Said]) -> None:
        if time.monotonic() >= self._until:
            self._by_id, self._by_name = {}, {}
            self._until = time.monotonic() + KEEP_S
        missing = [said for said in wanted if self._get(said) is None]
        ids = {said.datastream_id for said in missing if said.datastream_id is not None}
        stations = {said.station for said in missing if said.datastream_id is None}
        rows = Datastream.objects.filter(Q(pk__in=ids) | Q(station__code__in=stations))
        for pk, station_id, station, code, unit, is_active in rows.values_list(
            "id", "station_id", "station__code", "code", "unit_symbol", "is_active"
        ):
            self._by_id[pk] = self._by_name[station, code] = _Known(pk, station_id, unit, is_active)


@dataclass(frozen=True)
class Speaker:
    """The stations that somebody speaks for; None: all of them (the city's own broker).

    datastreams: what their names are known to mean.
    """

    station_ids: frozenset[int] | None
    datastreams: KnownDatastreams = field(default_factory=KnownDatastreams, compare=False)

    # What Django REST framework asks of whoever has shown a token.
    is_authenticated = True
    is_active = True

    def may_speak_for(self, station_id: int) -> bool:
        return self.station_ids is None or station_id in self.station_ids


EVERYBODY = Speaker(None)
NOBODY = Speaker(frozenset())


def make_token(
    *, name: str, stations: Sequence[Station], expires_at: datetime | None = None
) -> tuple[StationToken, str]:
    """A token that speaks for these stations: its row, and the token. Only its digest is kept."""
    token = TOKEN_START + secrets.token_urlsafe(24)
    made = StationToken.objects.create(
        name=name, prefix=token[:12], digest=digest_of(token), expires_at=expires_at
    )
    made.stations.set(stations)
    return made, token


def token_in(header: bytes) -> str | None:
    """The station's token of an Authorization header: Bearer, or Basic with the token as the password.

    None when it speaks of something else.
    """
    kind, _, rest = header.strip().partition(b" ")
    if kind.lower() == b"basic":
        try:
            rest = base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
        except (ValueError, binascii.Error):
            return None
    elif kind.lower() != b"bearer":
        return None
    token = rest.strip().decode("latin-1")
    return token if token.startswith(TOKEN_START) else None


class KnownTokens:
    """Speakers by the digest of their token, known for a few seconds."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Speaker]] = {}

    def speaker(self, token: str, at: datetime) -> Speaker | None:
        """Who speaks with this token; None when it is unknown, revoked or over."""
        digest = digest_of(token)
        until, found = self._kept.get(digest, (0.0, EVERYBODY))
        if time.monotonic() < until:
            return found
        row = StationToken.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=at), digest=digest, revoked_at=None
        ).first()
        if row is None:
            return None
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=at - NOTE_USE_EVERY)
        StationToken.objects.filter(unnoted, pk=row.pk).update(last_used_at=at)
        found = Speaker(frozenset(row.stations.values_list("id", flat=True)))
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[digest] = (time.monotonic() + KEEP_S, found)
        return found

    def forget(self) -> None:
        """Ask the database again."""
        self._kept.clear()


known_tokens = KnownTokens()


def readings_of(
    said: Sequence[Said | Unreadable], speaker: Speaker, received_at: datetime
) -> list[Reading | Unreadable]:
    """What was said, as readings; what cannot be taken, with the reason. In order."""
    readable = [one for one in said if isinstance(one, Said)]
    meant = iter(speaker.datastreams.find(readable))
    return [
        one if isinstance(one, Unreadable) else _reading(one, next(meant), speaker, received_at)
        for one in said
    ]


def _reading(
    said: Said, known: _Known | None, speaker: Speaker, received_at: datetime
) -> Reading | Unreadable:
    if known is None or not speaker.may_speak_for(known.station_id):
        return Unreadable(f"There is no datastream {said.name} that you speak for.")
    if not known.is_active:
        return Unreadable(f"The datastream {said.name} is switched off.")
    if said.unit is not None and said.unit != known.unit:
        return Unreadable(f"{said.name} is measured in {known.unit}, not in {said.unit}.")
    return Reading(known.datastream_id, said.at or received_at, said.value, said.result_at)


class StationAuthentication(BaseAuthentication):
    """A station's token, as Bearer or as the password of Basic."""

    def authenticate(self, request: Request) -> tuple[Speaker, None] | None:
        token = token_in(get_authorization_header(request))
        if token is None:
            return None
        speaker = known_tokens.speaker(token, timezone.now())
        if speaker is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        return speaker, None

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="GeoGrid SensorThings"'
