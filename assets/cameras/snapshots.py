"""The picture of each camera, as this process last had it: fetched at most every two seconds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings

from assets.cameras.allowing import Entry, read_entry
from assets.cameras.fetching import WORDS, NoPicture, Source, Why, fetch
from assets.cameras.models import Camera, CameraSource

FRESH_FOR: Final = timedelta(seconds=2)
STALE_FOR: Final = timedelta(minutes=10)
REST_AFTER_FAILURE: Final = timedelta(seconds=5)
# Of the ten threads that run Django, so many may wait for cameras; who comes on top sees the last picture.
AT_ONCE: Final = 3
MOST_KEPT_BYTES: Final = 64 * 2**20


class PictureState(StrEnum):
    """How a camera's picture stands."""

    LIVE = "live"
    STALE = "stale"
    BROKEN = "broken"


STATE_WORDS: Final[dict[PictureState, tuple[str, str]]] = {
    PictureState.LIVE: ("实时", "live"),
    PictureState.STALE: ("非实时：摄像机暂无应答，显示最近一次画面", "not live: the last picture it sent"),
    PictureState.BROKEN: ("无画面", "no picture"),
}


@dataclass(frozen=True)
class Snapshot:
    """A picture, or none, with its state. `why`: what was wrong at the last attempt."""

    state: PictureState
    jpeg: bytes
    taken_at: datetime | None
    why: Why | None

    def words(self) -> tuple[str, str]:
        """State and reason in zh and en."""
        zh, en = STATE_WORDS[self.state]
        if self.why is None:
            return zh, en
        return f"{zh}（{WORDS[self.why][0]}）", f"{en}: {WORDS[self.why][1]}"


@dataclass
class _Held:
    """What is known of one camera."""

    source: Source | None = None
    frame: tuple[bytes, datetime] | None = None  # picture and time go and come together
    tried_at: datetime | None = None
    why: Why | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Snapshots:
    """Pictures by camera."""

    def __init__(self, get: Callable[[Source, Sequence[Entry]], bytes] = fetch) -> None:
        self._get = get
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._guard = threading.Lock()
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def of(self, camera: Camera, at: datetime, now: Callable[[], datetime]) -> Snapshot:
        """The picture of a camera, fetched if it is older than two seconds. Rights are the caller's.

        at: the moment of asking; now: the clock, asked when the picture is there.
        """
        source = _source_of(camera)
        held = self._held_for(camera.pk, source)
        if source is None:
            return Snapshot(PictureState.BROKEN, b"", None, Why.NO_ADDRESS)
        if _is_due(held, at):
            if not self._slots.acquire(blocking=False):
                return _shown(held, at, Why.BUSY)
            try:
                with held.lock:
                    if _is_due(held, at):
                        self._refresh(held, source, now)
            finally:
                self._slots.release()
            at = now()
        return _shown(held, at, held.why)

    def last(self, camera: Camera, at: datetime) -> Snapshot:
        """The picture as it was last had, without fetching."""
        source = _source_of(camera)
        if source is None:
            return Snapshot(PictureState.BROKEN, b"", None, Why.NO_ADDRESS)
        held = self._held_for(camera.pk, source)
        return _shown(held, at, held.why)

    def _refresh(self, held: _Held, source: Source, now: Callable[[], datetime]) -> None:
        try:
            jpeg = self._get(source, allowed_hosts())
        except NoPicture as no:
            held.tried_at, held.why = now(), no.why
            return
        held.tried_at = now()
        held.frame, held.why = (jpeg, held.tried_at), None
        self._forget_the_oldest()

    def _held_for(self, camera_id: int, source: Source | None) -> _Held:
        """What is held of a camera; nothing of it is, once it has another address."""
        with self._guard:
            held = self._held.get(camera_id)
            if held is None or held.source != source:
                held = self._held[camera_id] = _Held(source)
            self._held.move_to_end(camera_id)
            return held

    def _forget_the_oldest(self) -> None:
        with self._guard:
            kept = 0
            for held in reversed(self._held.values()):
                kept += len(held.frame[0]) if held.frame else 0
                if kept > MOST_KEPT_BYTES:
                    held.frame = None


def _source_of(camera: Camera) -> Source | None:
    kept = CameraSource.objects.filter(camera=camera).first()
    return Source(kept.address, kept.username, kept.password) if kept else None


def _is_due(held: _Held, at: datetime) -> bool:
    if held.tried_at is None:
        return True
    rest = FRESH_FOR if held.why is None else REST_AFTER_FAILURE
    return at - held.tried_at >= rest


def _shown(held: _Held, at: datetime, why: Why | None) -> Snapshot:
    frame = held.frame
    if frame is None or at - frame[1] > STALE_FOR:
        return Snapshot(PictureState.BROKEN, b"", None, why)
    is_live = why is None and at - frame[1] <= FRESH_FOR
    return Snapshot(PictureState.LIVE if is_live else PictureState.STALE, *frame, why)


def allowed_hosts() -> list[Entry]:
    """The allow-list of the settings; what is no entry allows nothing (a system check names it)."""
    entries = []
    for said in settings.CAMERA_HOSTS:
        try:
            entries.append(read_entry(said))
        except ValueError:
            continue
    return entries


snapshots = Snapshots()
