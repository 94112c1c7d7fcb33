"""The texts that come with the product; a city puts its own words in their place."""

from typing import Any

from django.db import migrations

TEXTS = (
    ("reject", "not_found", "现场未发现", "Not found on site",
     "您好，我们已到现场查看，未发现您反映的情况。如仍存在，请补充照片或更准确的位置。",
     "We looked on site and did not find what you reported. If it is still there, please send a photo or a more "
     "exact place."),
    ("reject", "not_ours", "不属受理范围", "Not within our remit",
     "您好，该问题不属于城市管理受理范围，请向相应主管部门反映。",
     "This is not within the remit of the city's management; please turn to the authority in charge."),
    ("reject", "duplicate", "重复反映", "Reported already",
     "您好，该问题已有人反映并正在办理，我们会把结果一并告知您。",
     "Somebody has reported this already and it is being handled; you will be told of the outcome too."),
    ("reject", "permitted", "经许可的活动", "A permitted activity",
     "您好，该活动已获许可，在许可的时间和地点内进行。",
     "This is permitted at that place and in those hours."),
    ("reject", "too_little", "信息不足", "Too little to go by",
     "您好，您提供的信息不足以找到问题，请补充位置和照片后再次反映。",
     "What we were told is not enough to find the problem; please report it again with a place and a photo."),
    ("close", "solved", "已解决", "Solved",
     "您好，您反映的问题已处置完毕并经核查。如仍存在，可在期限内要求重新办理。",
     "What you reported has been handled and verified. If it is still there you can have it reopened within the "
     "period."),
    ("close", "solved_by_itself", "自行消除", "Gone by itself",
     "您好，经核查，您反映的问题已自行消除。",
     "We verified that what you reported is gone by itself."),
    ("close", "explained", "解释说明", "Explained",
     "您好，经核查，该问题目前无法进一步处置，原因已在办理意见中说明。",
     "We verified it; nothing further can be done at present, and the reason is given with the result."),
)  # fmt: skip


def fill(apps: Any, schema_editor: Any) -> None:
    text = apps.get_model("response_texts", "ResponseText")
    text.objects.bulk_create(
        text(move=move, code=code, name=name, name_en=name_en, text=zh, text_en=en, place=place)
        for place, (move, code, name, name_en, zh, en) in enumerate(TEXTS, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("response_texts", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
