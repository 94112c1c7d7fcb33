"""E7: an Excel duty list of 1,285 classes with merged cells and 20 planted mistakes.

All 20 reported by their cells, the preview exact (new, changed, unchanged, gone, held), the import in 10 s.
SMALL=1 takes 120 classes.
"""

import os
import sys
import time
from datetime import UTC, datetime

import django

from geogrid.embedded.testing import fresh_database

TARGET_S = 10.0


def _measure(classes: int) -> int:
    from geogrid.core.actor import System
    from incidents.duty_list.importing import Target, apply, preview
    from incidents.duty_list.models import FilingCondition
    from tests.duty_list.lists import rows_of, twenty_mistakes, workbook

    target, actor, at = Target(scheme="own", version="1"), System("benchmark"), datetime.now(UTC)
    rows = rows_of(classes)
    planted = twenty_mistakes(rows)
    faulty = workbook(rows, planted=planted)

    began = time.perf_counter()
    seen = preview(faulty, target)
    preview_s = time.perf_counter() - began
    reported = sorted(one.cell for one in seen.plan.mistakes)
    right = reported == sorted(one.cell for one in planted)
    print(f"{classes} classes, {len(rows)} conditions, {len(faulty) / 1e6:.2f} MB")
    print(f"mistakes: {len(planted)} planted, {len(reported)} reported, all by their cells: {right}")
    right &= len(seen.plan.new) == len(rows) - 2 * len(planted) and len(seen.plan.held) <= len(planted)
    print(f"preview of the faulty file: {preview_s:.2f} s, {len(seen.plan.new)} conditions could be taken")

    data = workbook(rows)
    began = time.perf_counter()
    apply(data=data, target=target, actor=actor, at=at)
    written_s = time.perf_counter() - began
    right &= FilingCondition.objects.current().count() == len(rows)
    began = time.perf_counter()
    plan = preview(data, target).plan
    again_s = time.perf_counter() - began
    right &= plan.is_empty and plan.unchanged == len(rows)
    print(f"first import {written_s:.2f} s, looked at again {again_s:.2f} s: nothing new")

    changed = [list(row) for row in rows]
    for index in range(50):
        changed[index][8] = "9个工作日"
    changed += [
        ["20", "新大类", f"{n:02d}", f"新类别{n}", "", "", "情形", "完成", "1天"] for n in range(1, 31)
    ]
    del changed[60:100]
    expected = {"new": 30, "changed": 50, "gone": 40, "unchanged": len(rows) - 90}
    data = workbook(changed)
    plan = preview(data, target).plan
    told = {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "gone": len(plan.gone),
        "unchanged": plan.unchanged,
    }
    print(f"preview of a changed file: {told}")
    right &= told == expected
    began = time.perf_counter()
    apply(data=data, target=target, actor=actor, at=at, end_gone=True)
    change_s = time.perf_counter() - began
    right &= FilingCondition.objects.current().count() == len(changed)
    right &= FilingCondition.objects.count() == len(rows) + 80  # nothing was thrown away
    slowest = max(written_s, change_s)
    ok = right and slowest <= TARGET_S
    verdict = "ok" if ok else "short"
    print(f"E7 {slowest:.2f} s for {classes} classes, exact: {right}; at most {TARGET_S:g} s {verdict}")
    return 0 if ok else 1


def main(small: bool) -> int:
    with fresh_database() as database:
        os.environ.update(database.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "geogrid.settings"
        django.setup()
        from django.db import connections

        try:
            return _measure(120 if small else 1285)
        finally:
            connections.close_all()


if __name__ == "__main__":
    sys.exit(main(os.environ.get("SMALL") == "1"))
