"""Who there is in the matrix, groups of them by what they may see, and bodies that many rows send."""

from dataclasses import dataclass
from typing import Any

from tests.matrix.world import DISPLAYS, VIEWERS

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
