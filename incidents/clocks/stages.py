"""Which clocks an incident has, and the limits of those that stand in no duty list.

The total clock runs from filing to closing under the limit of the filing condition and never restarts. Each
stage has its own clock; each level's clock ends when the incident is passed on, and the receiver's starts.
"""

from enum import StrEnum
from typing import Final

from incidents.clocks.limits import Limit


class StageClock(StrEnum):
    """What is waited for."""

    FILE = "file"  # 立案
    DISPATCH = "dispatch"  # 派遣
    ACCEPT = "accept"  # 接单
    ARRIVE = "arrive"  # 到场
    VERIFY = "verify"  # 核查
    CLOSE = "close"  # 结案
    COMMUNITY_PHASE = "community_phase"  # 社区自治: only of self-governed classes
    JOINT_PHASE = "joint_phase"  # 联合处置: after it, or after the community's whistle


class Span(StrEnum):
    """Over what a clock runs."""

    TOTAL = "total"  # 总时限
    STAGE = "stage"  # 环节时限
    LEVEL = "level"  # 层级时限


# Ours (docs: domain, Time limits); the table `clock_policy_limit` holds what the city made of them.
DEFAULTS: Final[dict[StageClock, Limit]] = {
    StageClock.FILE: Limit.minutes(3),
    StageClock.DISPATCH: Limit.minutes(15),
    StageClock.ACCEPT: Limit.minutes(30),
    StageClock.ARRIVE: Limit.hours(1),
    StageClock.VERIFY: Limit.working_hours(4),
    StageClock.CLOSE: Limit.working_hours(2),
    StageClock.COMMUNITY_PHASE: Limit.days(3),
    StageClock.JOINT_PHASE: Limit.days(4),
}
