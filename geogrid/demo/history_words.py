"""What the invented reporters say. Users' text is never translated: some write Chinese, some English."""

EVENT_WORDS: dict[str, tuple[str, ...]] = {
    "0110": ("路边有暴露的生活垃圾", "垃圾袋堆在人行道上", "Rubbish bags left on the pavement"),
    "0111": ("墙角堆了渣土", "拆下来的建材没人清", "Rubble heaped beside the wall"),
    "0112": ("路面很脏，有落叶和泥", "马路没扫干净", "The street has not been swept"),
    "0113": ("路面有坑", "砖松了，容易绊倒", "A hole in the paving, somebody will trip"),
    "0117": ("绿地里有垃圾", "草坪上到处是纸屑", "Litter all over the lawn"),
    "0128": ("商店音响太吵", "晚上酒吧声音很大", "Loud music from the bar at night"),
    "0136": ("门口堆了货物", "人行道上堆着木板", "Pallets block the pavement"),
    "0192": ("垃圾桶满了", "果皮箱溢出来了", "The bin is overflowing"),
    "0201": ("灯杆上贴了小广告", "墙上又有新的小广告", "Stickers on every lamp post"),
    "0302": ("施工占了整条人行道", "围挡占道，没有通道", "The works leave no room to walk"),
    "0304": ("工地扬尘很大", "没有洒水，到处是灰", "Dust from the building site"),
    "0405": ("店外摆了桌子", "商品摆到人行道上了", "Tables far outside the shop"),
    "0406": ("占道摆摊", "流动摊点挡路", "A stall blocks the way"),
    "0410": ("自行车乱停", "门口停满了自行车", "Bicycles block the entrance"),
    "0493": ("共享滑板车倒在盲道上", "共享单车堆积", "Scooters lying across the tactile paving"),
    "0496": ("消防通道被车堵住", "A car stands in the fire lane"),
    "0499": ("汽车停在人行道上", "路口违停", "A van parked on the crossing"),
    "0503": ("下水道堵了，水往外冒", "The drain is blocked and smells"),
    "0506": ("路口积水，车过溅水", "地下通道有积水", "Water stands in the underpass"),
    "0507": ("台阶结冰，很滑", "The steps are icy"),
}

# By the first digits of the class of the object.
ASSET_WORDS: dict[str, tuple[str, ...]] = {
    "0137": ("路灯不亮", "路灯白天也亮着", "Street light is out", "The lamp flickers"),
    "0101": ("井盖丢失", "井盖响", "Manhole cover rattles"),
    "0102": ("井盖破损", "井盖下沉", "Broken manhole cover"),
    "0103": ("雨水井盖松动", "井盖移位", "The cover has shifted"),
    "0104": ("雨水箅子堵了", "The grate is full of leaves"),
    "0198": ("消火栓漏水", "消火栓被车挡住", "The hydrant leaks"),
    "0298": ("标志牌歪了", "标志牌被遮挡", "The sign is bent"),
    "0305": ("垃圾箱坏了", "垃圾箱盖子丢了", "The bin is broken"),
    "0402": ("树枝断了挂着", "树身倾斜", "A broken branch hangs over the path"),
    "0407": ("座椅木条断了", "The bench is broken"),
    "0": ("设施损坏", "表面破损", "It is damaged"),
}

REJECTED = (
    "与已有案件重复",
    "现场核实未发现问题",
    "不在管理范围内，已告知反映人",
    "Nothing was found on the spot",
)
RETURNED = ("清理不彻底", "照片与现场不符", "Not finished")
HANDED_IN = ("已处理完毕", "已修复，现场清理", "Repaired and cleared", "已更换")


def words_for(event_code: str, class_code: str, part: float) -> str:
    """One of the sayings for a class, chosen by a number from 0 up to 1."""
    if event_code:
        said = EVENT_WORDS[event_code]
    else:
        said = next(ASSET_WORDS[class_code[:n]] for n in range(4, 0, -1) if class_code[:n] in ASSET_WORDS)
    return said[int(part * len(said))]


def one_of(said: tuple[str, ...], part: float) -> str:
    """One of several sayings, chosen by a number from 0 up to 1."""
    return said[int(part * len(said))]
