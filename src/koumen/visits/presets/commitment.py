"""The commitment everybody accepts before the first visit of a term. A changed text is a new version."""

from django.utils.translation import gettext_lazy as _

VERSION = "2026-1"
TEXTS = {
    "2026-1": (
        _("我不收家长的礼品、礼金、购物卡和宴请，也不收微信红包。"),
        _("我不向家长推销书籍、用品、保险和任何服务。"),
        _("我不做、也不介绍有偿补课。"),
        _("我不向家长借钱，不托家长办私事。"),
        _("我不在家长面前比较孩子，不当众说孩子的隐私和短处。"),
        _("家长要送东西时，我当面谢绝；推不掉的，当天交给学校登记退还。"),
    ),
}
