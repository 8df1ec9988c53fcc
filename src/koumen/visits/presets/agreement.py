"""Help agreed, in the words a family reads: what the school does, and nothing about why."""

from django.utils.translation import gettext_lazy as _

from koumen.care.presets.measures import Kind

PLAIN_WORDS = {
    Kind.HARDSHIP: _("老师帮您问清能申请的资助，教您怎么申请。"),
    Kind.STUDY: _("老师给孩子多一些学习上的帮助。"),
    Kind.PARENTING: _("老师和您一起商量在家陪孩子的办法。"),
    Kind.COUNSEL: _("学校的心理老师会陪孩子聊一聊。"),
    Kind.RETURN: _("老师陪孩子回到学校上课。"),
    Kind.OTHER: _("老师会按商量好的去做。"),
}
