"""A3: seconds from posting a report until it is drawn on another person's open map, over 50 reports.

The demonstration city, a real browser, the report posted by the operator over HTTP, the map open for the
commander. The clock starts before the POST and stops in the frame in which the map draws the incident.
"""

import time

from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.watching import note_when_drawn, open_map
from tests.served_city import served_demo_city

LIMIT_S = 1.0
PLACE = {"lng": 24.9440, "lat": 60.1705}


def main(small: bool) -> int:
    """Measure; the figure is the 95th percentile."""
    reports = 3 if small else 50
    waits: list[float] = []
    with served_demo_city(worker=False) as city, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = open_map(browser, city, "demo-commander", view="map=16/60.1705/24.944")
        drawn_at = note_when_drawn(page)
        reporter = city.log_in("demo-operator")
        for number in range(reports):
            place = {
                "lng": PLACE["lng"] + (number % 10 - 5) * 2e-4,
                "lat": PLACE["lat"] + number // 10 * 1e-4,
            }
            report = {**place, "event_class": "0113", "description": f"pothole {number}", "channel": "desk"}
            began = time.time()
            status, made = reporter.call(
                "POST", "/api/incidents", report, **{"Idempotency-Key": f"a3-{number}"}
            )
            assert status == 201, made
            drawn = drawn_at(made["number"], 10)
            waits.append(10.0 if drawn is None else drawn - began)
        browser.close()
    waits.sort()
    p50, p95 = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.95))]
    print(f"{len(waits)} reports: p50 {p50:.3f} s, p95 {p95:.3f} s, longest {waits[-1]:.3f} s")
    good = small or p95 <= LIMIT_S
    print(f"A3 {p95:.3f} <= {LIMIT_S} s {'ok' if good else 'short'}")
    return 0 if good else 1
