"""What a judgement says to people, in both languages."""

from incidents.patrol_quality.judging import Because, Verdict

VERDICT_WORDS: dict[Verdict, tuple[str, str]] = {
    Verdict.MISS: ("漏报", "Missed"),
    Verdict.GAP: ("漏巡", "Gap"),
    Verdict.NEITHER: ("无责", "Nobody's fault"),
}

BECAUSE_WORDS: dict[Because, tuple[str, str]] = {
    Because.WALKED_PAST: ("值班人员步行经过而未上报", "somebody on duty walked past and did not report it"),
    Because.ONLY_DRIVEN: ("只有车辆经过，无人步行巡查", "somebody drove past, nobody walked"),
    Because.ELSEWHERE: ("值班人员不在附近", "who was on duty was somewhere else"),
    Because.SILENT: ("值班人员没有定位", "no position came from who was on duty"),
    Because.NOT_VISIBLE: ("此类问题巡查看不到", "a patrol cannot see this kind of problem"),
    Because.NO_PLACE: ("位置不明或在网格外", "its place is not known or outside of the grid"),
    Because.FOUND_THEMSELVES: ("值班人员自行上报", "who was on duty there reported it"),
    Because.ALREADY_REPORTED: ("巡查已先上报", "a patrol had reported it before"),
    Because.NO_DUTY: ("20 米内没有须巡查的道路", "no street to be patrolled within 20 m"),
    Because.NOBODY_DUE: ("当时无人值班或值班不足一半时间", "nobody was on duty there long enough"),
    Because.NO_DEVICE: ("值班人员没有定位设备", "nobody on duty carries a device"),
    Because.NOT_LISTENED: ("系统当时未接收定位", "positions were not taken in then"),
}
