"""What families are promised about their names, word for word as the program keeps it."""

from django.utils.translation import gettext_lazy as _

# identity → (short, what exactly happens). Sight is `care.policies.opinions.may_see_sender`.
PROMISES = {
    "named": (_("留名"), _("收意见和办理的人看得到您的称呼和电话，方便联系您。")),
    "hidden": (
        _("留名，但保密"),
        _(
            "只有收意见的德育处、校长和副校长知道是您；师德、收礼一类的，只有校长和教育局知道；说到校长的，只有教育局知道。"
            "办理的老师和被说到的人看不到。"
        ),
    ),
    "anonymous": (
        _("不留名"),
        _("不记姓名、电话，也不记是哪部手机，时间只记到哪一天。凭查询码看答复。如果录音，声音可能被听出来。"),
    ),
}

# Words that point at whoever holds a post, when no name is told.
POINTING = {
    "校长": ("principal",),
    "德育处": ("moral_office",),
    "德育主任": ("moral_office",),
    "政教处": ("moral_office",),
}
CLASS_TEACHER_WORDS = ("班主任", "班主")
