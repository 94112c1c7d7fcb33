"""Rows of the matrix on incidents, their loop, their evaluation, and the rules behind them."""

from tests.matrix.who import (
    A_UUID,
    ALL,
    APPROVE_NEAR,
    CHIEF,
    DISPATCH_NEAR,
    FILE_NEAR,
    HERE,
    NOBODY,
    READ_CONTACTS_NEAR,
    REPORT,
    SEE_ANY_INCIDENT,
    SEE_ANY_PEOPLE,
    SEE_CAMERAS_NEAR,
    SEE_NEAR,
    SEE_POSITIONS,
    SEE_SPOT_CHECKS,
    SEE_THE_WORKER,
    SEEN_BY,
    SPOT_CHECK,
    STAFF_ANYWHERE,
    WRITERS,
    Row,
)
from tests.matrix.world import DISPLAYS

INCIDENT_ROWS: tuple[Row, ...] = (
    # Incidents: content for own subtree or own unit
    Row("incidents", "GET", "/api/incidents", ALL),
    Row("incidents", "POST", "/api/incidents", REPORT, {"channel": "app", "description": "x", **HERE}),
    *(Row("incident", "GET", f"/api/incidents/{{{name}}}", SEEN_BY[name], refused=404) for name in SEEN_BY),
    Row("incident-moves", "GET", "/api/incidents/{near}/moves", SEE_NEAR, refused=404),
    Row(
        "incident-moves", "POST", "/api/incidents/{near}/moves",
        frozenset({"operator", "administrator"}), {"move": "reject", "note": "x"},
    ),
    Row(
        "incident-moves", "POST", "/api/incidents/{near}/moves",
        frozenset({"dispatcher", "supervisor", "commander", "administrator"}),
        {"move": "hand_over", "note": "x", "to": "worker"},
    ),
    Row(
        "incident-place", "POST", "/api/incidents/{near}/place",
        frozenset({"worker", "operator", "dispatcher", "supervisor", "administrator"}),
        {"reason": "x", **HERE},
    ),
    Row(
        "incident-photos", "POST", "/api/incidents/{near}/photos",
        SEE_NEAR - {"analyst"} - DISPLAYS, "photo", 404,
    ),
    Row(
        "incident-contact", "POST", "/api/incidents/{near}/contact", READ_CONTACTS_NEAR, {"reason": "x"}, 404
    ),
    Row(
        "incident-evidence", "POST", "/api/incidents/{near}/evidence", SEE_CAMERAS_NEAR,
        {"camera": "{camera}"}, 404,
    ),
    # The closed loop: whoever sees an incident sees its loop; each move by who makes it there
    Row("incident-loop", "GET", "/api/incidents/{near}/loop", SEE_NEAR, refused=404),
    *(
        Row("incident-loop-moves", "POST", "/api/incidents/{near}/loop/moves", may, said)
        for said, may in (
            ({"move": "file"}, frozenset({"operator", "administrator"})),
            ({"move": "ask_check"}, frozenset({"operator", "administrator"})),
            ({"move": "suspend", "note": "x", "until": "{tomorrow}"}, DISPATCH_NEAR),
            ({"move": "dispatch", "units": [{"unit": "LIGHT"}]}, DISPATCH_NEAR),
            ({"move": "pass_up", "note": "x"}, DISPATCH_NEAR),
            ({"move": "reopen", "note": "x"}, frozenset({"supervisor", "administrator"})),
            ({"move": "void", "note": "x"}, frozenset({"operator", "administrator"})),
            ({"move": "accept"}, NOBODY),
            ({"move": "pass_check", "mark": 5}, frozenset({"worker", "inspector"})),
        )
    ),
    Row(
        "incident-application", "POST", "/api/incidents/{near}/loop/applications/{application}",
        APPROVE_NEAR, {"approve": False, "note": "x"},
    ),
    # One problem told several times: seen with the incident; joined by who rejects or dispatches there
    Row("duplicates", "GET", "/api/duplicates?lng={lng}&lat={lat}&event_class=0506", SEE_ANY_INCIDENT),
    Row("same-problem", "GET", "/api/incidents/{near}/same", SEE_NEAR, refused=404),
    Row(
        "followers", "POST", "/api/incidents/{near}/followers",
        SEE_NEAR & REPORT, {"words": "x"},
    ),
    Row(
        "follower-contacts", "POST", "/api/incidents/{near}/followers/contacts", READ_CONTACTS_NEAR,
        {"reason": "x"}, 404,
    ),
    Row(
        "incident-merge", "POST", "/api/incidents/{near}/merge", DISPATCH_NEAR | {"operator"},
        {"into": "{near}"},
    ),
    Row(
        "incident-split", "POST", "/api/incidents/{near}/split", FILE_NEAR, {"note": "x"},
    ),
    Row("response-texts", "GET", "/api/response-texts", ALL),
    # Other systems sign their calls: no log-in opens that door
    Row("inbound", "POST", "/api/inbound/nobody", NOBODY, {}, 401),
    Row("incident-original", "GET", "/api/incidents/{near}/original", NOBODY, refused=404),
    Row("incident-class", "POST", "/api/incidents/{near}/class", FILE_NEAR, {"asset_class": "0137"}),
    Row("work-orders", "GET", "/api/work-orders", ALL),
    # Everybody is answered over what they see; figures of people need the right to see people
    Row("evaluation-choices", "GET", "/api/evaluation/choices", ALL),
    Row("evaluation-figures", "GET", "/api/evaluation/figures", ALL),
    Row("evaluation-figures", "GET", "/api/evaluation/figures?by=PERSON", SEE_ANY_PEOPLE),
    Row("evaluation-export", "GET", "/api/evaluation/export", ALL),
    Row(
        "evaluation-series", "GET", "/api/evaluation/series?indicator=closing_rate&keys=910101001001", ALL
    ),
    Row("evaluation-receipt", "GET", "/api/evaluation/receipt?indicator=closing_rate", ALL),
    Row("evaluation-receipt-cases", "GET", "/api/evaluation/receipt/cases?indicator=closing_rate", ALL),
    Row("evaluation-receipt-numbers", "GET", "/api/evaluation/receipt/numbers?indicator=closing_rate", ALL),
    Row("evaluation-hot-spots", "GET", "/api/evaluation/hot-spots", ALL),
    Row("evaluation-outlines", "GET", "/api/evaluation/outlines?level=CELL", ALL),
    Row("desk-queues", "GET", "/api/desk/queues", ALL),
    Row("desk-incidents", "GET", "/api/desk/incidents", ALL),
    Row("desk-choices", "GET", "/api/desk/incidents/{near}/choices", SEE_NEAR, refused=404),
    Row("case-file", "GET", "/api/incidents/{near}/case-file", SEE_NEAR, refused=404),
    Row("letters", "GET", "/api/incidents/{near}/letters", SEE_NEAR, refused=404),
    Row("letter", "GET", "/api/incidents/{near}/letters/999999", NOBODY, refused=404),
    Row("desk-claim", "GET", "/api/desk/incidents/{near}/claim", SEE_NEAR, refused=404),
    Row("desk-claim", "POST", "/api/desk/incidents/{near}/claim", SEE_NEAR - DISPLAYS, {}, 404),
    Row("desk-claim", "DELETE", "/api/desk/incidents/{near}/claim", SEE_NEAR - DISPLAYS, refused=404),
    Row(
        "desk-dispatch", "POST", "/api/desk/dispatch", DISPATCH_NEAR,
        {"numbers": ["x"], "units": [{"unit": "E"}]},
    ),
    Row("desk-filters", "GET", "/api/desk/filters", ALL),
    Row("desk-filters", "POST", "/api/desk/filters", WRITERS, {"name": "x", "said": {}}),
    Row("desk-filter", "DELETE", "/api/desk/filters/999999", NOBODY, refused=404),
    Row("refused-changes", "GET", "/api/messages/refused", DISPATCH_NEAR),
    Row("refused-change-retry", "POST", "/api/messages/refused/999999/retry", NOBODY, refused=404),
    Row("message-give-up", "POST", f"/api/messages/{A_UUID}/give-up", NOBODY, {"reason": "x"}, 404),
    Row("messages", "GET", "/api/messages", ALL),
    Row("messages-stuck", "GET", "/api/messages/stuck", DISPATCH_NEAR),
    Row("message-acknowledge", "POST", f"/api/messages/{A_UUID}/acknowledge", NOBODY, refused=404),
    Row("message-retry", "POST", f"/api/messages/{A_UUID}/retry", NOBODY, refused=404),
    # Calendar, duty list and responsibility are public to staff; the rules are the whole city's
    Row("calendar", "GET", "/api/calendar", ALL),
    Row("calendar-deadline", "GET", "/api/calendar/deadline?start=2026-09-30T08:00:00Z&limit=4h", ALL),
    Row("calendar-day", "PUT", "/api/calendar/days/2026-12-24", CHIEF, {"is_working": False}),
    Row("calendar-day", "DELETE", "/api/calendar/days/1999-01-01", NOBODY, refused=404),
    Row("calendar-year", "PUT", "/api/calendar/years/2031", CHIEF, {"by_hand": True}),
    Row("calendar-windows", "PUT", "/api/calendar/windows", CHIEF, {}),
    Row("clock-policy", "GET", "/api/clock-policy", ALL),
    Row("duty-list", "GET", "/api/duty-list", ALL),
    Row("duty-list-conditions", "POST", "/api/duty-list/conditions", CHIEF, {}),
    Row("duty-list-condition", "PUT", "/api/duty-list/conditions/999999", CHIEF, {}),
    Row("duty-list-condition", "DELETE", "/api/duty-list/conditions/999999", NOBODY, refused=404),
    Row("duty-list-history", "GET", "/api/duty-list/history?kind=asset&code=9999", NOBODY, refused=404),
    Row("duty-list-editions", "GET", "/api/duty-list/editions", STAFF_ANYWHERE),
    Row("duty-list-imports", "POST", "/api/duty-list/imports", CHIEF, {}),
    Row("duty-list-packs", "GET", "/api/duty-list/packs", ALL),
    Row("duty-list-pack", "PUT", "/api/duty-list/packs/gas-safety", CHIEF, {}),
    Row("duty-list-pack", "DELETE", "/api/duty-list/packs/none", NOBODY, refused=404),
    Row(
        "responsibility-simulate", "GET",
        "/api/responsibility/simulate?kind=asset&code=0137&lng={lng}&lat={lat}", ALL,
    ),
    Row("responsibility-gaps", "GET", "/api/responsibility/gaps", STAFF_ANYWHERE),
    Row("responsibility-rules", "GET", "/api/responsibility/rules", ALL),
    Row("responsibility-rules", "POST", "/api/responsibility/rules", CHIEF, {}),
    Row("responsibility-rule", "PUT", "/api/responsibility/rules/999999", CHIEF, {}),
    Row("responsibility-rule", "DELETE", "/api/responsibility/rules/999999", NOBODY, refused=404),
    Row("responsibility-order", "POST", "/api/responsibility/order", CHIEF, {}),
    Row("responsibility-editions", "GET", "/api/responsibility/editions", STAFF_ANYWHERE),
    Row("responsibility-units", "GET", "/api/responsibility/units", ALL),
    Row(
        "managed-areas-told", "GET",
        "/api/managed-areas/told?kind=asset&code=0137&lng={lng}&lat={lat}", ALL,
    ),
    Row("managed-areas", "GET", "/api/managed-areas", ALL),
    Row("managed-areas", "POST", "/api/managed-areas", STAFF_ANYWHERE, {}),
    Row("managed-area", "DELETE", "/api/managed-areas/999999", NOBODY, refused=404),
    # Spot checks: superintendents draw, the district reads; those who are judged do not
    Row("spot-checks", "GET", "/api/spot-checks", SEE_SPOT_CHECKS),
    Row("spot-draws", "GET", "/api/spot-checks/draws", SEE_SPOT_CHECKS),
    Row("spot-draws", "POST", "/api/spot-checks/draws", SPOT_CHECK, {}),
    Row("spot-draw-pool", "GET", "/api/spot-checks/draws/999999/pool", NOBODY, refused=404),
    Row("spot-check-finding", "POST", "/api/spot-checks/999999/finding", NOBODY, {}, 404),
    Row("spot-check-photos", "POST", "/api/spot-checks/999999/photos", NOBODY, "photo", 404),
    # What is said of patrols: who may see positions there, and the one it is said of
    Row(
        "incident-patrol-quality", "GET", "/api/incidents/{near}/patrol-quality",
        SEE_THE_WORKER | {"display"}, refused=404,
    ),
    Row("patrol-quality", "GET", "/api/patrol-quality", SEE_POSITIONS),
    Row("patrol-quality-incidents", "GET", "/api/patrol-quality/incidents", SEE_POSITIONS),
    Row("photo", "GET", "/api/photos/{incident_photo}/small.jpg", NOBODY, refused=404),
    Row("photo-original", "GET", "/api/photos/{incident_photo}/original", NOBODY, refused=404),
)  # fmt: skip
