"""B7: seconds from a sample of a level to the wall that shows it, while a simulated storm floods the city.

The demonstration city, its worker and a wall in a real browser; the storm speaks through the public door. The
clock starts at the time of the sample and stops in the frame after the one in which the wall's list shows
this depth of the place, or a later one. Printed beside it: what floods, and what became of the alarms
(of nothing in the small size, which has no worker).
"""

import threading

from playwright.sync_api import sync_playwright

from geogrid.simulate import water
from geogrid.simulate.doors import Outbox, Server
from geogrid.simulate.patrols import utc_now
from geogrid.simulate.stopping import Stop
from geogrid.simulate.storm import storm_live
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.rehearsal import asked, noted_depths, open_wall, plan_file, prepare, samples, waits_s
from tests.served_city import served_demo_city

LIMIT_S = 2.0
FEWEST = 6
FLOODED_CM = 15
SPEED, SMALL_SPEED = 300.0, 2400.0
UNTIL_S = (water.LASTS.total_seconds(), 13 * 3600)  # of the storm's own time: whole, small
SETTLE_S = 3.0


def main(small: bool) -> int:
    """Measure; the figure is the 95th percentile."""
    speed = SMALL_SPEED if small else SPEED
    with served_demo_city(worker=not small) as city, sync_playwright() as playwright:
        plan = prepare(city)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = open_wall(browser, city)
        page.wait_for_selector("[data-water]")
        said: list[str] = []
        outbox, stop = Outbox(Server(city.url), said.append), Stop()
        lock = plan_file(city).with_name("gauges.lock")
        began = utc_now()
        storm = threading.Thread(
            target=lambda: storm_live(
                plan, outbox, stop, lock=lock, say=said.append, speed=speed, began=began
            )
        )
        storm.start()
        page.wait_for_timeout(1000 * UNTIL_S[small] / speed)
        ended = utc_now()
        page.wait_for_timeout(1000 * SETTLE_S)
        stop.now()
        storm.join()
        seen = noted_depths(page)
        incidents = asked(city, "/api/incidents?stage=open")["results"]
        browser.close()
    sent = samples(plan, began, ended, speed)
    flooded = {one.place for one in sent if one.depth_cm >= FLOODED_CM}
    waits = sorted(waits_s(sent, seen))
    p50, p95 = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.95))]
    named = {gauge.place for gauge in plan.levels()}
    told = [row for row in incidents if row["location_text"] in named and row["class_code"] == "0506"]
    print(f"{len(flooded)} places flooded over {FLOODED_CM} cm; {len(told)} open incidents of alarms")
    print(f"{len(sent)} samples on the wall: p50 {p50:.3f} s, p95 {p95:.3f} s, longest {waits[-1]:.3f} s")
    print(f"refused {outbox.refused}, not sent {len(outbox)}; {' '.join(said[-1:])}")
    good = small or (p95 <= LIMIT_S and len(flooded) >= FEWEST and outbox.refused == 0)
    print(f"B7 {p95:.3f} <= {LIMIT_S} s {'ok' if good else 'short'}")
    return 0 if good else 1
