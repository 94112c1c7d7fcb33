"""What stands in a paper: the case file of an incident for one viewer, and a letter."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import mark_safe

from geogrid.core.models import the_city
from incidents.clocks.stages import Span
from incidents.loop.showing import loop_of
from incidents.models import Incident
from incidents.move_words import MOVE_WORDS
from incidents.papers.maps import map_round
from incidents.papers.models import Letter
from incidents.papers.printing import as_data, pdf_of
from incidents.viewer import Viewer
from incidents.workflow import Move

STAGES = {
    "REPORTED": "已上报",
    "FILED": "已立案",
    "DISPATCHED": "已派遣",
    "HANDLING": "处置中",
    "HANDLED": "待核查",
    "VERIFIED": "已核查",
    "CLOSED": "已结案",
    "EVALUATED": "已评价",
    "REJECTED": "不予立案",
    "VOID": "已作废",
}
LEVELS = {"COMMUNITY": "社区", "STREET": "街道", "DISTRICT": "区级"}
LIGHTS = {"green": "正常", "yellow": "临期", "red": "超时"}
ROLES = {"near": "近景", "far": "远景", "reference": "参照", "before": "处置前", "after": "处置后"}
CLOCKS = {
    "total": "总时限",
    "file": "立案",
    "dispatch": "派遣",
    "accept": "接单",
    "arrive": "到场",
    "verify": "核查",
    "close": "结案",
    "community_phase": "社区自治",
    "joint_phase": "联合处置",
}
ORDERS = {
    "SENT": "待接单",
    "ACCEPTED": "处置中",
    "DONE": "已完成",
    "RETURNED": "已退回",
    "WITHDRAWN": "已撤回",
}
MOST_PHOTOS = 24


def case_file(incident: Incident, viewer: Viewer, at: datetime) -> bytes:
    """The PDF of an incident's case file (案卷), with what this viewer may see of it; never a contact."""
    loop = loop_of(incident, viewer, at)
    steps = [
        {
            "at": _local(step["taken_at"]),
            "what": " ".join(dict.fromkeys(_two(step["move"]))),
            "who": step["actor"] or "系统",
            "note": step["note"],
            "text": (step["text"] or {}).get("zh", ""),
            "level": LEVELS.get(step["level"], step["level"]),
        }
        for step in loop["steps"]
    ]
    clocks = [
        {
            "name": _clock_name(clock),
            "limit": (clock["limit"] or {}).get("zh", "—"),
            "started": _local(clock["started_at"]),
            "due": _local(clock["due_at"]),
            "ended": _local(clock["ended_at"]) or "计时中",
            "light": LIGHTS[clock["light"]],
            "is_exempt": clock["is_exempt"],
        }
        for clock in [*loop["clocks"], *(one for order in loop["work_orders"] for one in order["clocks"])]
    ]
    orders = [
        {
            "nth": order["nth"],
            "unit": order["unit"].name,
            "role": "主办" if order["role"] == "lead" else "协办",
            "state": ORDERS[order["state"]],
            "sent": _local(order["sent_at"]),
            "ended": _local(order["ended_at"]),
            "said": order["result"] or order["reason"],
        }
        for order in loop["work_orders"]
    ]
    known = incident.asset_class or incident.event_class
    filing = loop["filing"]
    photos = []
    if viewer.reads_words(incident):
        links = incident.photo_links.select_related("photo").order_by("id")[:MOST_PHOTOS]
        photos = [
            {
                "data": as_data(link.photo),
                "role": ROLES.get(link.photo.role, link.photo.role),
                "at": _local(link.photo.taken_at or link.photo.uploaded_at),
            }
            for link in links
        ]
    unit = incident.responsible_unit
    context = {
        "city": _city_name(),
        "number": incident.number,
        "class": f"{known.code} {known.name} {known.name_en}" if known else "未分类",
        "stage": STAGES.get(incident.stage, incident.stage),
        "level": LEVELS.get(incident.level, incident.level),
        "round": incident.round,
        "waiting": "已挂账" if incident.waiting else "",
        "cell": incident.unit_code,
        "place": viewer.words(incident, incident.location_text),
        "description": viewer.words(incident, incident.description),
        "unit": unit.name if unit else "",
        "worker": loop["cell_worker"],
        "holder": loop["holder"],
        "filing": filing,
        "limit": filing.limit.zh if filing and filing.limit else "",
        "deadline": _local(incident.deadline_at),
        "reported": _local(incident.reported_at),
        "closed": _local(incident.closed_at),
        "steps": steps,
        "clocks": clocks,
        "orders": orders,
        "photos": photos,
        "letters": [
            f"{letter.number}（{_local(letter.issued_at)}）" for letter in incident.letters.order_by("id")
        ],
        "map": _map(incident.point.x, incident.point.y) if incident.point else "",
        "printed": _local(at),
        "printed_by": str(viewer.user),
    }
    return pdf_of("papers/case_file.html", context)


def letter_pdf(letter: Letter) -> bytes:
    """The PDF of a letter, from what was kept of it when it was issued."""
    said = letter.said
    has_place = said.get("lng") is not None
    context = {
        "city": _city_name(),
        "title": "提醒函" if letter.kind == Move.REMIND else "督办单",
        "title_en": "Reminder letter" if letter.kind == Move.REMIND else "Supervision notice",
        "is_supervision": letter.kind == Move.SUPERVISE,
        "letter_number": letter.number,
        "number": letter.incident.number,
        "unit": said["unit"],
        "class": said["class"],
        "place": said["place"],
        "cell": said["cell"],
        "sent": _local(datetime.fromisoformat(said["sent_at"])),
        "due": _local(letter.due_at),
        "text": letter.text,
        "issued": _local(letter.issued_at),
        "map": _map(said["lng"], said["lat"]) if has_place else "",
    }
    return pdf_of("papers/letter.html", context)


def _map(lng: float, lat: float) -> str:
    return mark_safe(map_round(lng, lat))  # noqa: S308 - our own drawing; names in it are escaped there


def _two(move: str) -> tuple[str, str]:
    zh, en = MOVE_WORDS[Move(move)]
    return zh, f"({en})"


def _clock_name(clock: dict[str, Any]) -> str:
    what = str(clock["what"])
    if clock["span"] == "order":
        return f"工单 {what}"
    if clock["span"] == Span.LEVEL:
        return f"{LEVELS.get(what, what)}层级"
    return CLOCKS.get(what, what)


def _local(at: datetime | None) -> str:
    city = the_city()
    return f"{timezone.localtime(at, city.timezone if city else None):%Y-%m-%d %H:%M}" if at else ""


def _city_name() -> str:
    city = the_city()
    return city.name if city else "GeoGrid"
