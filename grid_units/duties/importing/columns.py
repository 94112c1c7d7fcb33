"""The columns of the three tables, for templates and for reading: names, examples, choices."""

from collections.abc import Mapping
from dataclasses import dataclass

from geogrid.organisations.models import OrganisationKind
from geogrid.organisations.roles import ROLE_NAMES_ZH
from grid_units.duties.importing.findings import Words

KIND_NAMES_ZH: Mapping[str, str] = {
    OrganisationKind.AUTHORITY: "主管单位",
    OrganisationKind.OWNER: "权属单位",
    OrganisationKind.MAINTAINER: "养护单位",
    OrganisationKind.HANDLING_UNIT: "处置单位",
    OrganisationKind.COMMUNITY: "社区",
    OrganisationKind.SUPERVISION_CENTRE: "监督中心",
}
ROLES_ZH: Mapping[str, str] = {role.value: name for role, name in ROLE_NAMES_ZH.items()}
YES_NO_ZH: Mapping[str, str] = {"yes": "是", "no": "否"}
LANGUAGES_ZH: Mapping[str, str] = {"zh": "中文", "en": "英文"}


@dataclass(frozen=True)
class Column:
    """A column of a table. `choices` maps the value to its Chinese name; the cell may hold either."""

    key: str
    zh: str
    example: str
    hint: Words
    required: bool = False
    choices: Mapping[str, str] | None = None
    several: bool = False

    def names(self) -> set[str]:
        """What a header cell may say for this column, in small letters."""
        return {self.key, self.key.replace("_", " "), self.zh}


@dataclass(frozen=True)
class Table:
    """A table to import: its name, and its columns in order."""

    name: str
    zh: str
    columns: tuple[Column, ...]

    def column(self, header: str) -> Column | None:
        """The column that a header cell names, or None."""
        said = header.strip().rstrip("*").strip().lower()
        return next((column for column in self.columns if said in column.names()), None)


ORGANISATIONS = Table(
    "organisations",
    "责任单位",
    (
        Column(
            "code", "单位编码", "SZ-LIGHT", Words("唯一，之后不变", "unique, stays for ever"), required=True
        ),
        Column("name", "单位名称", "市政路灯所", Words("", ""), required=True),
        Column("name_en", "英文名称", "Street Lighting Office", Words("可空", "may be empty")),
        Column(
            "kinds",
            "单位类型",
            "maintainer, handling_unit",
            Words("可填多个，用逗号分开", "several, parted by commas"),
            choices=KIND_NAMES_ZH,
            several=True,
        ),
        Column("parent", "上级单位编码", "", Words("可空", "code of the unit above, may be empty")),
        Column("phone", "电话", "010-5550100", Words("可空", "may be empty")),
        Column("active", "在用", "yes", Words("空=是", "empty means yes"), choices=YES_NO_ZH),
    ),
)
PEOPLE = Table(
    "people",
    "人员",
    (
        Column("username", "账号", "li.ming", Words("登录名，唯一", "log-in name, unique"), required=True),
        Column("name", "姓名", "李明", Words("", ""), required=True),
        Column("phone", "电话", "13800000000", Words("可空", "may be empty")),
        Column("organisation", "单位编码", "", Words("处置员必填", "needed for handlers")),
        Column(
            "role",
            "角色",
            "grid_worker",
            Words("同一人多个角色请写多行", "one row per role of a person"),
            required=True,
            choices=ROLES_ZH,
        ),
        Column(
            "area",
            "区域编码",
            "",
            Words(
                "区县、街道、社区或网格编码，空=全市",
                "district, street, community or cell; empty: everywhere",
            ),
        ),
        Column("language", "语言", "zh", Words("可空", "may be empty"), choices=LANGUAGES_ZH),
    ),
)
DUTIES = Table(
    "duties",
    "值守",
    (
        Column(
            "username", "账号", "li.ming", Words("人员表中的账号", "as in the table of people"), required=True
        ),
        Column("role", "角色", "grid_worker", Words("空=网格员", "empty: grid_worker"), choices=ROLES_ZH),
        Column(
            "units",
            "责任网格编码",
            "",
            Words("可填多个，用逗号分开", "codes of cells or units, parted by commas"),
            required=True,
        ),
        Column(
            "weekdays",
            "星期",
            "Mon-Fri",
            Words("如 周一至周五；空且无时间=全天候", "such as Mon-Fri; empty with no times: day and night"),
        ),
        Column("starts", "上班", "08:00", Words("当地时间", "local time")),
        Column("ends", "下班", "17:00", Words("不晚于上班时间=次日", "not after the start: the next day")),
        Column("note", "备注", "", Words("可空", "may be empty")),
    ),
)
TABLES: Mapping[str, Table] = {table.name: table for table in (ORGANISATIONS, PEOPLE, DUTIES)}
