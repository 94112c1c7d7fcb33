"""The matrix: who may use which endpoint, against "What each may see" of the domain page.

Grid outlines, unit names and public assets: everybody who is signed in. Content of incidents, people and
contacts: own subtree or own unit. The stranger: only what is public. An endpoint that stands here with
nobody's name is open to nobody.
"""

from dataclasses import dataclass
from typing import Any

from tests.matrix.world import DISPLAYS, OTHERS, STAFF, VIEWERS

ALL = frozenset(VIEWERS)
# Sessions only: a token makes no tokens and ends no session.
PEOPLE = ALL - {"reporting_machine"} - DISPLAYS
WRITERS = ALL - DISPLAYS
CHIEF = frozenset({"administrator"})
WHOLE_CITY = frozenset({"inspector", "superintendent", "commander", "analyst", "administrator"}) | DISPLAYS
THEIR_REPORTER = frozenset({"citizen"})

SEE_NEAR = WHOLE_CITY | {"worker", "operator", "dispatcher", "supervisor"} | THEIR_REPORTER
SEE_FAR = WHOLE_CITY | {"far_worker", "far_supervisor"} | THEIR_REPORTER
SEE_HANDLERS = SEE_FAR | {"handler"}
SEE_UNPLACED = WHOLE_CITY | THEIR_REPORTER
SEEN_BY = {"near": SEE_NEAR, "far": SEE_FAR, "handlers": SEE_HANDLERS, "unplaced": SEE_UNPLACED}

# People of the first cell: desk and supervisors of its street, its worker, and those of the whole district.
SEE_PEOPLE_NEAR = frozenset(
    {
        "worker", "inspector", "superintendent", "operator", "dispatcher", "supervisor", "commander",
        "administrator", "display",
    }
)  # fmt: skip
SEE_PEOPLE_FAR = frozenset(
    {"far_worker", "far_supervisor", "inspector", "superintendent", "commander", "administrator", "display"}
)
SEE_ANY_PEOPLE = SEE_PEOPLE_NEAR | SEE_PEOPLE_FAR
READ_CONTACTS_NEAR = frozenset({"operator", "dispatcher", "supervisor", "administrator"})
REPORT = WRITERS - {"analyst", "citizen", "former_operator"}
EDIT_NEAR = frozenset({"supervisor", "analyst", "administrator"})
CONNECT_GIS = EDIT_NEAR | {"far_supervisor"}
STAFF_NEAR = frozenset({"supervisor", "administrator"})
SEE_CAMERAS_NEAR = frozenset(
    {"superintendent", "operator", "dispatcher", "supervisor", "commander", "administrator"}
)
FILE_NEAR = frozenset({"operator", "administrator"})
SEE_ANY_INCIDENT = ALL - {"volunteer", "reporting_machine", "citizen", "former_operator"}
DISPATCH_NEAR = frozenset({"dispatcher", "commander", "administrator"})
SPOT_CHECK = frozenset({"superintendent", "administrator"})
SEE_SPOT_CHECKS = SPOT_CHECK | {"commander"}
APPROVE_NEAR = frozenset({"supervisor", "commander", "administrator"})
STAFF_ANYWHERE = STAFF_NEAR | {"far_supervisor"}
# Who may carry a device of their own, or make one for others; who sees where the worker of the first cell is.
CARRY = STAFF_ANYWHERE | {"worker", "far_worker", "inspector", "superintendent", "volunteer"}
OVER_THE_WORKER = STAFF_NEAR | {"worker"}
SEE_POSITIONS = STAFF_ANYWHERE | {"superintendent", "operator", "dispatcher", "commander", "display"}
SEE_THE_WORKER = OVER_THE_WORKER | {"superintendent", "operator", "dispatcher", "commander"}


@dataclass(frozen=True)
class Row:
    """One method of one endpoint. `route` is the name of the URL, `path` an address filled from the world.

    may: who passes. Everybody else who is signed in gets `refused`, the stranger `stranger`. `near` says
    that the address is about the first cell.
    """

    route: str
    method: str
    path: str
    may: frozenset[str]
    body: Any = None
    refused: int = 403
    stranger: int = 401

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


HERE = {"lng": "{lng}", "lat": "{lat}"}
LAMP = {
    "asset_class": "0137",
    "geometry": {"type": "Point", "coordinates": ["{lng}", "{lat}"]},
}
DUTY = {"username": "worker", "units": ["{cell}"]}
NIGHT = {"valid_from": "2026-06-01T00:00:00Z", "valid_to": "2026-06-02T00:00:00Z"}
FIRST_RUN = {
    "city": {"name": "X", "county_code": "910101", "zone": "UTC"},
    "administrator": {"username": "usurper", "password": "a-long-first-word"},
}
STEER = frozenset({"commander", "administrator"})
LOOK_THROUGH = SEE_CAMERAS_NEAR | {"display"}
NOBODY: frozenset[str] = frozenset()
A_UUID = "00000000-0000-4000-8000-000000000000"

TABLE: tuple[Row, ...] = (
    # The stranger's
    Row("welcome", "GET", "/api/welcome", ALL, stranger=200),
    Row("login", "POST", "/api/login", NOBODY, {"username": "worker", "password": "wrong"}, 401),
    Row("demo-login", "POST", "/api/login/demo", NOBODY, {"username": "worker"}, 403, 403),
    Row("setup", "GET", "/api/setup", ALL, stranger=200),
    Row("setup", "POST", "/api/setup", NOBODY, FIRST_RUN, 409, 409),
    # Oneself
    Row("logout", "POST", "/api/logout", PEOPLE, {}, 401),
    Row("me", "GET", "/api/me", ALL),
    Row("me", "PATCH", "/api/me", WRITERS, {"language": "zh"}),
    Row("tokens", "GET", "/api/tokens", PEOPLE, refused=401),
    Row("tokens", "POST", "/api/tokens", PEOPLE, {"name": "x", "scopes": ["all"]}, 401),
    Row("token", "DELETE", "/api/tokens/999999", NOBODY, refused=404),
    # Walls
    Row("display-pairing", "POST", "/api/displays/pairing", ALL, stranger=201),
    Row("own-display", "GET", "/api/displays/mine", DISPLAYS, refused=404),
    Row("displays", "GET", "/api/displays", STEER),
    Row("displays", "POST", "/api/displays", STEER, {"code": "{code}", "name": "x"}),
    Row("display", "PATCH", "/api/displays/{display}", STEER, {"wishes": {"layout": "wide"}}),
    Row("display", "DELETE", "/api/displays/{display}", STEER),
    Row("indicators", "GET", "/api/indicators", ALL),
    Row("replay-incidents", "GET", "/api/replay/incidents?at={an_hour_ago}", ALL),
    Row("replay-positions", "GET", "/api/replay/positions?at={an_hour_ago}", ALL),
    Row("replay-waterlogging", "GET", "/api/replay/waterlogging?at={an_hour_ago}", ALL),
    Row("replay-coverage", "GET", "/api/replay/coverage?at={an_hour_ago}", SEE_POSITIONS),
    Row("replay-bars", "GET", "/api/replay/bars", ALL),
    # Running the city
    Row("setup-checklist", "GET", "/api/setup/checklist", CHIEF),
    Row("setup-import", "POST", "/api/setup/import", CHIEF, {}),
    Row("setup-template", "GET", "/api/setup/templates/people.xlsx", ALL),
    # OGC API
    Row("ogc", "GET", "/ogc", ALL),
    Row("ogc-api", "GET", "/ogc/api", ALL),
    Row("ogc-conformance", "GET", "/ogc/conformance", ALL),
    Row("ogc-collections", "GET", "/ogc/collections", ALL),
    Row("ogc-collection", "GET", "/ogc/collections/cell", ALL),
    Row("ogc-queryables", "GET", "/ogc/collections/cell/queryables", ALL),
    Row("ogc-schema", "GET", "/ogc/collections/cell/schema", ALL),
    Row("ogc-items", "GET", "/ogc/collections/incident/items", ALL),
    Row("ogc-items", "POST", "/ogc/collections/building/items", EDIT_NEAR | {"far_supervisor"}, {}),
    Row("ogc-item", "GET", "/ogc/collections/building/items/{building}", ALL),
    Row("ogc-item", "PUT", "/ogc/collections/building/items/{building}", EDIT_NEAR, {}),
    Row("ogc-item", "PATCH", "/ogc/collections/building/items/{building}", EDIT_NEAR, {}),
    Row("ogc-item", "DELETE", "/ogc/collections/building/items/{building}", EDIT_NEAR),
    Row("ogc-matrix-sets", "GET", "/ogc/tileMatrixSets", ALL),
    Row("ogc-matrix-set", "GET", "/ogc/tileMatrixSets/WebMercatorQuad", ALL),
    Row("ogc-tilesets", "GET", "/ogc/tiles", ALL),
    Row("ogc-tileset", "GET", "/ogc/tiles/WebMercatorQuad", ALL),
    Row("ogc-tile", "GET", "/ogc/tiles/WebMercatorQuad/2/1/2", ALL),
    Row("ogc-collection-tilesets", "GET", "/ogc/collections/cell/tiles", ALL),
    Row("ogc-collection-tileset", "GET", "/ogc/collections/cell/tiles/WebMercatorQuad", ALL),
    Row("ogc-collection-tile", "GET", "/ogc/collections/cell/tiles/WebMercatorQuad/2/1/2", ALL),
    # Downloads
    Row("downloads", "GET", "/api/downloads", ALL),
    Row("downloads", "POST", "/api/downloads", WRITERS, {"layer": "cell", "format": "gpkg"}),
    Row("download", "GET", f"/api/downloads/{A_UUID}", NOBODY, refused=404),
    Row("download", "DELETE", f"/api/downloads/{A_UUID}", NOBODY, refused=404),
    Row("download-file", "GET", f"/api/downloads/{A_UUID}/file", NOBODY, refused=404),
    # Ground, names, public things
    Row("cells", "GET", "/api/cells", ALL),
    Row("cell", "GET", "/api/cells/{far_cell}", ALL),
    Row("cell-surroundings", "GET", "/api/cells/{far_cell}/surroundings", ALL),
    Row("contacts", "GET", "/api/contacts/{far_cell}", ALL),
    Row("units", "GET", "/api/units", ALL),
    Row("unit", "GET", "/api/units/{street}", ALL),
    Row("city", "GET", "/api/city", ALL),
    Row("layers", "GET", "/api/layers", ALL),
    Row("search", "GET", "/api/search?q=910101", ALL),
    Row("answers", "GET", "/api/answers?lng={lng}&lat={lat}", ALL),
    Row("feed-token", "GET", "/api/feed-token", ALL),
    Row("gis-access", "GET", "/api/gis/access", CONNECT_GIS),
    Row("gis-access", "POST", "/api/gis/access", CONNECT_GIS, {"kind": "reader"}),
    Row("gis-access", "DELETE", "/api/gis/access", CONNECT_GIS),
    Row("gis-access-all", "GET", "/api/gis/access/all", CHIEF),
    Row("gis-access-one", "DELETE", "/api/gis/access/999999", NOBODY),
    # Files for those who have a database role; nobody in this world has made one.
    Row("qgis-project", "GET", "/api/qgis/project", NOBODY, refused=404),
    Row("qgis-connections", "GET", "/api/qgis/connections", NOBODY, refused=404),
    Row("qgis-service", "GET", "/api/qgis/service", NOBODY, refused=404),
    Row("asset-classes", "GET", "/api/catalogue/assets", ALL),
    Row("event-classes", "GET", "/api/catalogue/events", ALL),
    Row("schema", "GET", "/api/schema", ALL),
    Row("building", "GET", "/api/buildings/{building}", ALL),
    Row("assets", "GET", "/api/assets", ALL),
    Row("asset", "GET", "/api/assets/{far_lamp}", ALL),
    Row("asset-history", "GET", "/api/assets/{far_lamp}/history", ALL),
    Row("asset-photos", "GET", "/api/assets/{lamp}/photos", ALL),
    Row("asset-label-svg", "GET", "/api/assets/{lamp}/label.svg", ALL),
    Row("asset-label-png", "GET", "/api/assets/{lamp}/label.png", ALL),
    Row("photo", "GET", "/api/photos/{asset_photo}/small.jpg", ALL),
    Row("label", "GET", "/a/{label}", PEOPLE),
    Row("waterlogging-points", "GET", "/api/waterlogging", ALL),
    Row("waterlogging-point", "GET", "/api/waterlogging/{waterlogging}", ALL),
    Row("waterlogging-history", "GET", "/api/waterlogging/{waterlogging}/history", ALL),
    Row("datastream-history", "GET", "/api/datastreams/{datastream}/history", ALL),
    Row("stations", "GET", "/api/stations", ALL),
    Row("alarms", "GET", "/api/alarms", ALL),
    Row("sta", "GET", "/sta/v1.1", ALL - DISPLAYS, refused=401),
    Row("sta-collection", "GET", "/sta/v1.1/Observations", ALL - DISPLAYS, refused=401),
    Row("sta-entity", "GET", "/sta/v1.1/Datastreams({datastream})", ALL - DISPLAYS, refused=401),
    Row("sta-related", "GET", "/sta/v1.1/Datastreams({datastream})/Thing", ALL - DISPLAYS, refused=401),
    # Public things are kept by those who may
    Row("station-tokens", "POST", "/api/stations/{station}/tokens", EDIT_NEAR, {"name": "x"}),
    Row("station-token", "DELETE", "/api/stations/{station}/tokens/{station_token}", EDIT_NEAR),
    Row("assets", "POST", "/api/assets", EDIT_NEAR, LAMP),
    Row("asset", "PATCH", "/api/assets/{lamp}", EDIT_NEAR, {"note": "x"}),
    Row("asset-photos", "POST", "/api/assets/{lamp}/photos", EDIT_NEAR, "photo"),
    Row("photo-original", "GET", "/api/photos/{asset_photo}/original", EDIT_NEAR),
    Row("asset-label", "DELETE", "/api/assets/{lamp}/label", EDIT_NEAR),
    # The ground is public; who imports brings it in
    Row("terrains", "GET", "/api/terrain", ALL),
    Row("terrain", "GET", "/api/terrain/{terrain}", ALL),
    Row("inundation", "GET", "/api/terrain/inundation?lon=0&lat=0&depth_cm=1", NOBODY, refused=404),
    Row("depressions", "GET", "/api/terrain/depressions?bbox=24,60,25,61", ALL),
    Row("terrains", "POST", "/api/terrain", CHIEF, {}),
    Row("terrain-cancel", "POST", "/api/terrain/{terrain}/cancel", CHIEF, {}),
    Row("terrain-resume", "POST", "/api/terrain/{terrain}/resume", CHIEF, {}),
    Row("terrain", "DELETE", "/api/terrain/{terrain}", CHIEF),
    # Cameras: the desks, the supervisors and those who judge, each in their own part
    Row("cameras", "GET", "/api/cameras", ALL),
    Row("camera", "GET", "/api/cameras/{camera}", LOOK_THROUGH, refused=404),
    Row("camera-snapshot", "GET", "/api/cameras/{camera}/snapshot", LOOK_THROUGH, refused=404),
    Row("cameras", "POST", "/api/cameras", EDIT_NEAR, {"asset": "{lamp}", "heading_deg": 0}),
    Row("camera", "PATCH", "/api/cameras/{camera}", EDIT_NEAR, {"reach_m": 9}),
    Row("camera", "DELETE", "/api/cameras/{camera}", EDIT_NEAR),
    # Staffing
    Row("duties", "GET", "/api/duties?unit={cell}", SEE_PEOPLE_NEAR),
    Row("duties", "GET", "/api/duties?unit={far_cell}", SEE_PEOPLE_FAR),
    Row("duties", "POST", "/api/duties", STAFF_NEAR, DUTY),
    Row("duty", "PATCH", "/api/duties/{duty_of_worker}", STAFF_NEAR, {"valid_to": "2100-01-01T00:00:00Z"}),
    Row("substitutions", "POST", "/api/duties/{duty_of_worker}/substitutions", STAFF_NEAR, NIGHT),
    Row("substitution", "DELETE", "/api/duties/{duty_of_worker}/substitutions/{substitution}", STAFF_NEAR),
    Row("duty-changes", "POST", "/api/duties/{duty_of_worker}/changes", STAFF_NEAR, {"takes": ["{cell}"]}),
    Row("staffing-board", "GET", "/api/staffing/board?unit={cell}", SEE_PEOPLE_NEAR),
    Row("staffing-gaps", "GET", "/api/staffing/gaps?unit={cell}", SEE_PEOPLE_NEAR),
    Row("staffing-load", "GET", "/api/staffing/load?unit={cell}", STAFF_NEAR),
    Row("staffing-people", "GET", "/api/staffing/people?unit={cell}", STAFF_NEAR),
    Row("staffing-leaves", "POST", "/api/staffing/leaves", STAFF_ANYWHERE, {"person": "worker", **NIGHT}),
    # The grid workshop: who draws and approves; a draft, those whose ground it is about
    Row("workshop-grid", "GET", "/api/workshop/grid", STAFF_ANYWHERE),
    Row("workshop-figures", "POST", "/api/workshop/figures", STAFF_ANYWHERE, {"cells": []}),
    Row("workshop-rules", "GET", "/api/workshop/rules", STAFF_ANYWHERE),
    Row(
        "workshop-statistics",
        "GET",
        "/api/workshop/statistics?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z",
        STAFF_ANYWHERE,
    ),
    Row("grid-correction", "POST", "/api/workshop/edits", STAFF_ANYWHERE, {}),
    Row("drafts", "GET", "/api/workshop/drafts", STAFF_ANYWHERE),
    Row("drafts", "POST", "/api/workshop/drafts", STAFF_NEAR, {"name": "x", "unit": "{cell}"}),
    Row("draft", "GET", "/api/workshop/drafts/{draft}", STAFF_NEAR, refused=404),
    Row("draft-grid", "GET", "/api/workshop/drafts/{draft}/grid", STAFF_NEAR, refused=404),
    Row("draft-feed", "GET", "/api/workshop/drafts/{draft}/feed", STAFF_NEAR, refused=404),
    Row("draft-compare", "GET", "/api/workshop/drafts/{draft}/compare", STAFF_NEAR, refused=404),
    Row("draft-edits", "POST", "/api/workshop/drafts/{draft}/edits", STAFF_NEAR, {}, 404),
    Row("draft-rebase", "POST", "/api/workshop/drafts/{draft}/rebase", STAFF_NEAR, {}, 404),
    Row("draft-review", "POST", "/api/workshop/drafts/{draft}/review", STAFF_NEAR, {}, 404),
    Row("draft-approve", "POST", "/api/workshop/drafts/{draft}/approve", STAFF_NEAR, {}, 404),
    Row("draft-return", "POST", "/api/workshop/drafts/{draft}/return", STAFF_NEAR, {}, 404),
    Row("draft-publish", "POST", "/api/workshop/drafts/{draft}/publish", STAFF_NEAR, {}, 404),
    Row("draft-discard", "POST", "/api/workshop/drafts/{draft}/discard", STAFF_NEAR, {}, 404),
    Row("editions", "GET", "/api/workshop/editions", STAFF_ANYWHERE),
    Row("edition-grid", "GET", "/api/workshop/editions/{edition}/grid", STAFF_ANYWHERE),
    Row("edition-changes", "GET", "/api/workshop/editions/{edition}/changes", STAFF_ANYWHERE),
    Row("edition-restore", "POST", "/api/workshop/editions/{edition}/restore", STAFF_ANYWHERE, {}),
    # Devices and patrols: oneself, and people whose cells one staffs; positions: own subtree, and one's own
    Row("devices", "GET", "/api/devices", CARRY),
    Row("devices", "POST", "/api/devices", CARRY, {"name": "phone"}),
    Row("device", "PATCH", "/api/devices/{device}", OVER_THE_WORKER, {"username": "worker"}, 404),
    Row("device", "DELETE", "/api/devices/{device}", OVER_THE_WORKER, refused=404),
    Row("last-positions", "GET", "/api/positions/last", ALL),
    Row("patrols", "GET", "/api/patrols", ALL),
    Row("patrols", "POST", "/api/patrols", CARRY, {}),
    Row("patrol-tracks", "POST", "/api/patrols/tracks", CARRY, {}),
    Row("patrol", "GET", "/api/patrols/{patrol}", SEE_THE_WORKER | {"display"}, refused=404),
    Row("patrol", "DELETE", "/api/patrols/{patrol}", OVER_THE_WORKER, refused=404),
    Row("absences", "GET", "/api/absences", ALL),
    Row("coverage", "GET", "/api/coverage", SEE_POSITIONS),
    # Streets are public; who staffs all their cells says whether they are to be patrolled
    Row("road", "GET", "/api/roads/{road}", ALL),
    Row(
        "road-patrol-duty", "PUT", "/api/roads/{road}/patrol-duty", STAFF_NEAR,
        {"is_due": False, "reason": "x"},
    ),
    Row("road-patrol-duty", "DELETE", "/api/roads/{road}/patrol-duty", STAFF_NEAR),
    Row("presence", "GET", "/api/presence", SEE_POSITIONS),
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

assert set(STAFF) | set(OTHERS) == ALL
