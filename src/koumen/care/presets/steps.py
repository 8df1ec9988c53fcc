"""What happened to an opinion, in words: families and staff read the same ones."""

from django.utils.translation import gettext_lazy as _

STEPS = {
    "received": _("已收到"),
    "accepted": _("已受理"),
    "forwarded": _("已交给负责的人办理"),
    "words": _("交代"),
    "merged": _("和同样的意见一起办理"),
    "joined": _("并入一条同样的意见"),
    "not_ours": _("不归学校办"),
    "extended": _("延期答复"),
    "answered": _("已答复"),
    "written": _("录音已写成文字并删除"),
    "concern": _("还说到"),
    "lifted": _("已交给上一级办理"),
    "judged": _("家长评价"),
    "reopened": _("已交给上一级再办一次"),
    "reopened_up": _("已交给上一级再办一次"),
    "final": _("已办到最后一级，就此办结"),
    "withdrawn": _("家长已撤回"),
    "agreed": _("家长同意公开"),
    "kept_private": _("家长不同意公开"),
    "published": _("已写进“您说—我们做”"),
    "unpublished": _("已从“您说—我们做”撤下"),
}
