"""Search over everything that has a place, in one box."""

from typing import Any

from django.db import connection

from geogrid.changes.passes import Pass

MOST = 20
PER_KIND = 8
LONGEST = 80
# Of equal rank: what people mean when they type a few letters comes first.
_ORDER = {kind: at for at, kind in enumerate(("incident", "unit", "street", "cell", "asset"))}
_SEARCH = """
SELECT kind, ref, title, subtitle_zh, subtitle_en, lng, lat, bbox, rank
FROM core.search(%s, %s, %s, %s, %s, %s, %s)
"""


def search(words: str, language: str, asked_by: Pass) -> list[dict[str, Any]]:
    """At most MOST things whose code, number or name fits, the best first. language: zh or en."""
    said = " ".join(words[:LONGEST].replace("\x00", "").split())
    if not said:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            [
                said,
                PER_KIND,
                list(asked_by.prefixes),
                list(asked_by.organisations),
                asked_by.user_id,
                asked_by.everywhere,
                asked_by.unplaced,
            ],
        )
        rows = cursor.fetchall()
    rows.sort(key=lambda row: (row[8], _ORDER[row[0]]))  # stable: inside a kind as the database sorted
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, ref, title, zh, en, lng, lat, bbox, _ in rows:
        found = {"kind": kind, "ref": ref, "title": title, "subtitle": zh if language == "zh" else en}
        seen.setdefault((kind, ref), {**found, "lng": lng, "lat": lat, "bbox": bbox})
    return list(seen.values())[:MOST]
