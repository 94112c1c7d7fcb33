"""Who may do what: the one table of role x action that the code obeys and the docs print."""

from enum import StrEnum


class Role(StrEnum):
    """Roles of the field. The Chinese word stands beside each once."""

    GRID_WORKER = "grid_worker"  # 网格员: resident, answers for cells
    INSPECTOR = "inspector"  # 巡查员: the district's, rotates
    SUPERINTENDENT = "superintendent"  # 督察员: spot checks
    OPERATOR = "operator"  # 受理员
    DISPATCHER = "dispatcher"  # 派遣员
    HANDLER = "handler"  # 处置员
    SUPERVISOR = "supervisor"  # 网格长
    COMMANDER = "commander"  # 指挥长
    ANALYST = "analyst"  # 分析员
    VOLUNTEER = "volunteer"  # 志愿者
    ADMINISTRATOR = "administrator"  # 管理员
    DISPLAY = "display"  # 大屏: a wall, paired by code; it only shows
    VISITOR_DISPLAY = "visitor_display"  # 参观大屏: one that strangers look at, without names and positions


ROLE_NAMES_ZH: dict[Role, str] = {
    Role.GRID_WORKER: "网格员",
    Role.INSPECTOR: "巡查员",
    Role.SUPERINTENDENT: "督察员",
    Role.OPERATOR: "受理员",
    Role.DISPATCHER: "派遣员",
    Role.HANDLER: "处置员",
    Role.SUPERVISOR: "网格长",
    Role.COMMANDER: "指挥长",
    Role.ANALYST: "分析员",
    Role.VOLUNTEER: "志愿者",
    Role.ADMINISTRATOR: "管理员",
    Role.DISPLAY: "大屏",
    Role.VISITOR_DISPLAY: "参观大屏",
}


class Action(StrEnum):
    """What can be done. Seeing the grid, unit names and public assets needs only a log-in."""

    SEE_INCIDENTS = "see_incidents"
    SEE_PEOPLE = "see_people"
    READ_CONTACT = "read_contact"
    REPORT = "report"
    FILE = "file"
    REJECT = "reject"
    HAND_OVER = "hand_over"
    HANDLE_ON_SPOT = "handle_on_spot"
    MOVE_PLACE = "move_place"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    CHECK = "check"
    WHISTLE = "whistle"
    APPROVE = "approve"
    MAKE_VOID = "void"
    REOPEN = "reopen"
    EDIT_ASSETS = "edit_assets"
    SEE_CAMERAS = "see_cameras"
    EDIT_GRID = "edit_grid"
    CORRECT_GRID = "correct_grid"
    APPROVE_GRID = "approve_grid"
    CHANGE_EXTENT = "change_extent"
    STAFF_CELLS = "staff_cells"
    PAIR_DISPLAYS = "pair_displays"
    SEE_POSITIONS = "see_positions"
    PATROL = "patrol"
    CONNECT_GIS = "connect_gis"
    IMPORT = "import"
    MANAGE_CITY = "manage_city"
    KEEP_RULES = "keep_rules"
    KEEP_AREAS = "keep_areas"
    SPOT_CHECK = "spot_check"
    SEE_SPOT_CHECKS = "see_spot_checks"


ACTION_WORDS: dict[Action, tuple[str, str]] = {
    Action.SEE_INCIDENTS: ("查看案件", "see incidents"),
    Action.SEE_PEOPLE: ("查看人员", "see people: names, telephones, duties"),
    Action.READ_CONTACT: ("查看举报人联系方式", "read a reporter's contact, with a logged reason"),
    Action.REPORT: ("上报", "report"),
    Action.FILE: ("立案", "file"),
    Action.REJECT: ("不予立案", "reject"),
    Action.HAND_OVER: ("交接", "hand over"),
    Action.HANDLE_ON_SPOT: ("自行处置", "handle on the spot"),
    Action.MOVE_PLACE: ("改点位", "correct a place"),
    Action.DISPATCH: (
        "派遣",
        "dispatch: send units, close, pass between levels, apply for suspension and extension",
    ),
    Action.HANDLE: ("处置", "handle what was dispatched to the own unit"),
    Action.CHECK: ("核查", "check reports of the own cells, verify results when drawn"),
    Action.WHISTLE: ("吹哨", "summon units for the community"),
    Action.APPROVE: (
        "审批",
        "approve what another applied for: suspension, extension, exemption, closing with a code, voiding",
    ),
    Action.MAKE_VOID: ("作废", "apply for making an incident void"),
    Action.REOPEN: ("重开", "reopen a closed incident"),
    Action.EDIT_ASSETS: ("编辑部件", "edit assets"),
    Action.SEE_CAMERAS: ("查看监控画面", "look through cameras"),
    Action.EDIT_GRID: ("编辑网格", "edit the grid in drafts, and in QGIS"),
    Action.CORRECT_GRID: ("直接修正网格", "correct the grid in force directly, without a draft"),
    Action.APPROVE_GRID: (
        "批准网格方案",
        "approve drafts of the grid that others drew, publish and restore editions",
    ),
    Action.CHANGE_EXTENT: ("调整外边界", "change the city's outer boundary"),
    Action.PAIR_DISPLAYS: ("配对大屏", "pair, steer and revoke wall displays"),
    Action.STAFF_CELLS: ("安排值守", "staff cells, pair devices with people"),
    Action.SEE_POSITIONS: ("查看位置", "see where people on duty are, and where they walked"),
    Action.PATROL: ("巡查", "patrol: carry a device, start and end a shift of one's own"),
    Action.CONNECT_GIS: (
        "连接QGIS",
        "connect QGIS to the database under a role of one's own, and edit there in one's own area",
    ),
    Action.IMPORT: ("导入", "import"),
    Action.KEEP_RULES: (
        "维护立案标准与派遣规则",
        "keep the duty list, the calendar, the limits of stages and the responsibility table",
    ),
    Action.KEEP_AREAS: ("维护管理区域", "keep managed areas: permits, notices, other units"),
    Action.SPOT_CHECK: (
        "督察抽查",
        "draw closed incidents at random, look at them again, record what was found",
    ),
    Action.SEE_SPOT_CHECKS: ("查看抽查结果", "see draws and findings of spot checks: the district alone"),
    Action.MANAGE_CITY: ("管理城市", "manage the city: units, people, roles, catalogues"),
}

_SEES = {Action.SEE_INCIDENTS, Action.REPORT}
_DESK = _SEES | {
    Action.SEE_PEOPLE,
    Action.SEE_POSITIONS,
    Action.READ_CONTACT,
    Action.MOVE_PLACE,
    Action.SEE_CAMERAS,
}

MAY: dict[Role, frozenset[Action]] = {
    Role.GRID_WORKER: frozenset(
        _SEES | {Action.SEE_PEOPLE, Action.HANDLE_ON_SPOT, Action.MOVE_PLACE, Action.PATROL, Action.CHECK}
    ),
    Role.INSPECTOR: frozenset(_SEES | {Action.SEE_PEOPLE, Action.PATROL, Action.CHECK}),
    Role.SUPERINTENDENT: frozenset(
        _SEES
        | {Action.SEE_PEOPLE, Action.SEE_POSITIONS, Action.SEE_CAMERAS, Action.PATROL}
        | {Action.SPOT_CHECK, Action.SEE_SPOT_CHECKS}
    ),
    Role.OPERATOR: frozenset(_DESK | {Action.FILE, Action.REJECT, Action.MAKE_VOID}),
    Role.DISPATCHER: frozenset(_DESK | {Action.HAND_OVER, Action.DISPATCH, Action.WHISTLE}),
    Role.HANDLER: frozenset(_SEES | {Action.HANDLE}),
    Role.SUPERVISOR: frozenset(
        _DESK
        | {Action.HAND_OVER, Action.EDIT_ASSETS, Action.EDIT_GRID, Action.STAFF_CELLS, Action.PATROL}
        | {Action.CORRECT_GRID, Action.APPROVE_GRID, Action.CONNECT_GIS, Action.KEEP_AREAS}
        | {Action.WHISTLE, Action.APPROVE, Action.REOPEN}
    ),
    Role.COMMANDER: frozenset(
        _SEES
        | {
            Action.SEE_PEOPLE,
            Action.SEE_POSITIONS,
            Action.SEE_CAMERAS,
            Action.HAND_OVER,
            Action.DISPATCH,
            Action.APPROVE,
            Action.PAIR_DISPLAYS,
            Action.SEE_SPOT_CHECKS,
        }
    ),
    Role.ANALYST: frozenset({Action.SEE_INCIDENTS, Action.EDIT_ASSETS, Action.CONNECT_GIS}),
    Role.VOLUNTEER: frozenset({Action.REPORT, Action.PATROL}),
    Role.ADMINISTRATOR: frozenset(Action),
    # What a commander sees, and nothing that a commander does.
    Role.DISPLAY: frozenset(
        {Action.SEE_INCIDENTS, Action.SEE_PEOPLE, Action.SEE_POSITIONS, Action.SEE_CAMERAS}
    ),
    Role.VISITOR_DISPLAY: frozenset({Action.SEE_INCIDENTS}),
}


# Actions about the city as a whole: only a membership for everywhere (empty prefix) allows them.
CITY_WIDE: frozenset[Action] = frozenset(
    {Action.CHANGE_EXTENT, Action.IMPORT, Action.MANAGE_CITY, Action.KEEP_RULES}
)

# Roles that reach the business of their own unit (organisation), wherever it lies, and no territory.
OF_THEIR_UNIT: frozenset[Role] = frozenset({Role.HANDLER})

# Roles that see incidents, and nothing that a person wrote or photographed in them: not the description, not
# the place in words, no note of a step, no photo.
WITHOUT_WORDS: frozenset[Role] = frozenset({Role.VISITOR_DISPLAY})

# Roles whose duty makes somebody answer for a place, the first asked first. Volunteers help, handlers work
# for their unit, superintendents judge the others: none of them answers for a cell.
ANSWERS: tuple[Role, ...] = (
    Role.GRID_WORKER,
    Role.SUPERVISOR,
    Role.INSPECTOR,
    Role.OPERATOR,
    Role.DISPATCHER,
    Role.COMMANDER,
)


def roles_that_may(action: Action) -> frozenset[Role]:
    """The roles that a membership must have one of."""
    return frozenset(role for role, actions in MAY.items() if action in actions)
