"""What models and fields are called in the back office, in zh and en.

The names are hung on the models when the office opens, not written into them: a migration holds no words.
"""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import lazy
from django.utils.translation import get_language


def _pick(zh: str, en: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


both = lazy(_pick, str)

ROOMS: dict[str, tuple[str, str]] = {
    "core": ("城市", "City"),
    "organisations": ("单位与人员", "Units and people"),
    "grid_units": ("网格", "Grid"),
    "duties": ("值守", "Duties"),
    "assets": ("管理部件", "Assets"),
    "presence": ("到达", "Presence"),
    "sensors": ("监测", "Measuring"),
    "incidents": ("案件", "Incidents"),
    "patrol_quality": ("巡查质量", "Quality of patrols"),
    "clocks": ("日历与时限", "Calendar and limits"),
    "duty_list": ("立案标准", "Duty list"),
    "responsibility": ("责任判定", "Responsibility"),
    "django_tasks_database": ("后台任务", "Jobs"),
}
# Model: zh, en, en plural.
MODELS: dict[str, tuple[str, str, str]] = {
    "core.city": ("城市", "city", "city"),
    "organisations.organisation": ("责任单位", "unit", "units"),
    "organisations.user": ("人员", "person", "people"),
    "organisations.apitoken": ("接口令牌", "API token", "API tokens"),
    "duties.membership": ("角色与范围", "role and area", "roles and areas"),
    "duties.duty": ("值守", "duty", "duties"),
    "duties.dutyarea": ("责任网格", "unit of the duty", "units of the duty"),
    "duties.dutyshift": ("班次", "weekly shift", "weekly shifts"),
    "duties.substitution": ("替班", "substitute or leave", "substitutes and leave"),
    "grid_units.cell": ("单元网格", "cell", "cells"),
    "grid_units.gridunit": (
        "区县、街道、社区",
        "district, street, community",
        "districts, streets, communities",
    ),
    "assets.asset": ("部件", "asset", "assets"),
    "assets.assetclass": ("部件类别", "asset class", "asset classes"),
    "assets.building": ("建筑", "building", "buildings"),
    "assets.road": ("道路", "road", "roads"),
    "presence.presencerule": ("十分钟到达规则", "rule of presence", "rule of presence"),
    "sensors.station": ("监测点", "station", "stations"),
    "sensors.datastream": ("监测项", "datastream", "datastreams"),
    "sensors.waterloggingpoint": ("内涝点", "waterlogging point", "waterlogging points"),
    "sensors.refusedmessage": ("被拒消息", "refused message", "refused messages"),
    "incidents.eventclass": ("事件类别", "event class", "event classes"),
    "incidents.incident": ("案件", "incident", "incidents"),
    "incidents.contactread": ("联系方式查阅记录", "reading of a contact", "readings of contacts"),
    "patrol_quality.lookback": ("回看时长", "look-back", "look-backs"),
    "patrol_quality.citizenchannel": ("市民渠道", "citizens' channel", "citizens' channels"),
    "clocks.officewindow": ("办公时段", "office hours", "office hours"),
    "clocks.calendarday": ("节假日与调休", "holiday or make-up day", "holidays and make-up days"),
    "clocks.calendaryear": ("已维护年份", "year whose holidays are known", "years whose holidays are known"),
    "clocks.clockpolicy": ("环节时限方案", "limits of stages", "limits of stages"),
    "duty_list.dutylistedition": ("清单版本", "edition of the duty list", "editions of the duty list"),
    "duty_list.filingcondition": ("立案条件", "filing condition", "filing conditions"),
    "responsibility.responsibilityedition": ("判定表版本", "edition of the table", "editions of the table"),
    "responsibility.responsibilityrule": ("判定规则", "rule", "rules"),
    "responsibility.managedarea": ("管理区域", "managed area", "managed areas"),
    "django_tasks_database.dbtaskresult": ("后台任务", "job", "jobs"),
}
# Field names mean the same in every model.
FIELDS: dict[str, tuple[str, str]] = {
    "name": ("名称", "name"),
    "name_en": ("英文名称", "name in English"),
    "opens": ("开始", "opens"),
    "closes": ("结束", "closes"),
    "day": ("日期", "day"),
    "is_working": ("上班", "working day"),
    "works_as": ("按周几", "works as"),
    "year": ("年份", "year"),
    "in_force_from": ("生效时间", "in force from"),
    "warn_share": ("预警比例", "warned at"),
    "file_limit": ("立案时限", "to file"),
    "dispatch_limit": ("派遣时限", "to dispatch"),
    "accept_limit": ("接单时限", "to accept"),
    "arrive_limit": ("到场时限", "to arrive"),
    "verify_limit": ("核查时限", "to verify"),
    "close_limit": ("结案时限", "to close"),
    "community_phase_limit": ("社区自治时限", "community phase"),
    "joint_phase_limit": ("联合处置时限", "joint phase"),
    "event_class": ("事件类别", "event class"),
    "text": ("内容", "text"),
    "text_en": ("英文内容", "text in English"),
    "closing": ("结案条件", "closing condition"),
    "closing_en": ("结案条件英文", "closing condition in English"),
    "legal_basis": ("法律依据", "legal basis"),
    "legal_basis_en": ("法律依据英文", "legal basis in English"),
    "standard": ("处置标准", "handling standard"),
    "standard_en": ("处置标准英文", "handling standard in English"),
    "handling_unit_text": ("处置单位", "handling unit"),
    "authority_text": ("主管部门", "authority"),
    "is_self_governed": ("社区自治", "self-governed"),
    "pack": ("类别包", "class pack"),
    "priority": ("优先级", "priority"),
    "place_code": ("网格编码", "place"),
    "asset_unit": ("部件的单位", "asset's unit"),
    "weekdays": ("星期", "weekdays"),
    "office": ("办公时间", "office hours"),
    "lead": ("主办单位", "lead"),
    "co_handlers": ("协办单位", "co-handlers"),
    "effect": ("效力", "effect"),
    "code": ("编码", "code"),
    "kinds": ("类型", "kinds"),
    "kind": ("类型", "kind"),
    "use": ("用途", "use"),
    "parent": ("上级", "above"),
    "phone": ("电话", "telephone"),
    "source": ("数据来源", "source"),
    "is_simulated": ("模拟数据", "simulated"),
    "is_active": ("在用", "active"),
    "is_derived": ("推算得出", "derived"),
    "username": ("账号", "log-in name"),
    "display_name": ("姓名", "name"),
    "email": ("邮箱", "e-mail"),
    "organisation": ("单位", "unit"),
    "language": ("语言", "language"),
    "permission_epoch": ("权限版本", "permission epoch"),
    "last_login": ("最近登录", "last log-in"),
    "date_joined": ("建立时间", "made"),
    "user": ("人员", "person"),
    "role": ("角色", "role"),
    "unit_prefix": ("范围编码(空=全市)", "area code (empty: everywhere)"),
    "unit_code": ("网格编码", "unit code"),
    "valid_from": ("自", "from"),
    "valid_to": ("至", "until"),
    "note": ("备注", "note"),
    "weekday": ("星期", "weekday"),
    "starts": ("上班", "starts"),
    "ends": ("下班", "ends"),
    "substitute": ("替班人", "substitute"),
    "reason": ("原因", "reason"),
    "prefix": ("令牌开头", "begins with"),
    "scopes": ("权限", "scopes"),
    "created_at": ("建立时间", "made"),
    "updated_at": ("更新时间", "updated"),
    "expires_at": ("有效期至", "valid until"),
    "revoked_at": ("吊销时间", "revoked"),
    "last_used_at": ("最近使用", "last used"),
    "county_code": ("区县编码", "county code"),
    "code_segments": ("编码分段", "digits of the code's parts"),
    "zone": ("时区", "time zone"),
    "is_demo": ("演示", "demonstration"),
    "attribution": ("数据署名", "attribution"),
    "level": ("层级", "level"),
    "owner": ("权属单位", "owner"),
    "maintainer": ("养护单位", "maintainer"),
    "competent_authority": ("主管单位", "competent authority"),
    "households": ("户数", "households"),
    "asset_class": ("类别", "class"),
    "state": ("状态", "state"),
    "placement": ("放置位置", "placement"),
    "first_date": ("初始日期", "first date"),
    "change_date": ("变更日期", "change date"),
    "location_text": ("位置描述", "place in words"),
    "shape": ("形状", "shape"),
    "material": ("材质", "material"),
    "attributes": ("属性", "attributes"),
    "address": ("地址", "address"),
    "levels": ("层数", "levels"),
    "height_m": ("高度(米)", "height (m)"),
    "dwellings": ("住宅套数", "dwellings"),
    "scheme": ("标准", "scheme"),
    "version": ("版本", "version"),
    "major_name": ("大类", "major class"),
    "major_name_en": ("大类英文", "major class in English"),
    "geometry_kind": ("几何类型", "geometry"),
    "icon": ("图标", "icon"),
    "origin": ("出处", "origin"),
    "station": ("监测点", "station"),
    "stations": ("监测点", "stations"),
    "asset": ("部件", "asset"),
    "phenomenon": ("监测对象", "phenomenon"),
    "unit_symbol": ("计量单位", "unit of measurement"),
    "unit_name": ("计量单位名称", "name of the unit of measurement"),
    "thresholds": ("报警阈值", "thresholds"),
    "bands": ("水深分级(厘米)", "bands (cm)"),
    "hysteresis": ("回差", "hysteresis"),
    "event_code": ("报警案件类别", "class of the incident"),
    "expected_interval_s": ("上报间隔(秒)", "expected interval (s)"),
    "lowest": ("量程下限", "lowest"),
    "highest": ("量程上限", "highest"),
    "topic": ("主题", "topic"),
    "received_at": ("接收时间", "received"),
}


def give_names() -> None:
    """Hang the names on models, their fields and the rooms of the office."""
    for label, (zh, en) in ROOMS.items():
        if apps.is_installed(label) or label in apps.app_configs:
            apps.get_app_config(label).verbose_name = both(zh, en)
    for label, (zh, en, plural) in MODELS.items():
        model = apps.get_model(label)
        model._meta.verbose_name = both(zh, en)
        model._meta.verbose_name_plural = both(zh, plural)
        for name, (field_zh, field_en) in FIELDS.items():
            try:
                field = model._meta.get_field(name)
            except FieldDoesNotExist:
                continue
            if hasattr(field, "verbose_name"):
                field.verbose_name = both(field_zh, field_en)
