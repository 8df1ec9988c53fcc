"""How to begin, and what better to leave unsaid: for every family, and for what is known of a child.

Only categories that stand in lists have lines; nothing here speaks of a sealed one. The lines never name the category:
a family should feel met, not sorted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Lines = tuple[Promise, ...]
MOST = 8  # lines of a kind on one page


@dataclass(frozen=True)
class Openings:
    """Lines to say, and lines to leave unsaid."""

    say: Lines
    avoid: Lines


EVERYBODY = Openings(
    (
        _("您好，我是孩子的老师。今天来认认门，也想听听您的想法。"),
        _("先说说孩子最近做得好的一件事：……"),
        _("孩子在家里喜欢做什么？什么时候最高兴？"),
        _("您觉得学校哪些地方还可以做得更好？"),
    ),
    (
        _("“别人家的孩子都能做到。”不和别的孩子比。"),
        _("“您家孩子就是……”不给孩子下结论，只说看到的一件事。"),
        _("不当着孩子的面说分数、排名和缺点。"),
        _("不问收入、婚姻和与孩子无关的家事，不评论家里的条件。"),
    ),
)

_APART = Openings(
    (
        _("孩子跟我说起过在外地的家人，说的时候很高兴。平时怎么联系？"),
        _("您一个人照看孩子，很不容易。有什么我们可以搭把手的？"),
    ),
    (_("“爸爸妈妈怎么老不回来？”不让孩子觉得被丢下。"), _("不在孩子面前评论不在家的大人。")),
)
_HOME = Openings(
    (
        _("平时主要是谁陪孩子？作业和作息是怎么安排的？"),
        _("遇到事情，孩子最愿意跟谁说？"),
    ),
    (_("不打听家里大人之间的事；家长自己说起，听着就好，不评对错。"), _("不说“可怜”“不完整”这样的话。")),
)
_OLD = Openings(
    (_("您把孩子照顾得很仔细。用手机联系学校，有不方便的地方吗？"), _("有事可以直接给我打电话，不用打字。")),
    (_("不说“老人带不好孩子”；不用难懂的词，说慢一点。"),),
)
_MEANS = Openings(
    (
        _("学校有一些对学生的帮助，我带了说明，您看看有没有用得上的。申请是保密的。"),
        _("孩子在学校很能干，上次……做得很好。"),
    ),
    (_("不说“困难户”“贫困生”；不当着孩子的面谈钱。"), _("不拍屋里的陈设，不当场许诺补助。")),
)
_SUPPORT = Openings(
    (_("孩子在班里有自己的朋友，最近学会了……"), _("在家里哪些办法管用？我们在学校也照着做。")),
    (_("不问“能不能跟得上”；不和同班同学比进度。"), _("不替孩子回答，先问孩子自己。")),
)
_STUDY = Openings(
    (_("孩子最近在……上有进步，我们想接着往下走。"), _("做作业的时候，哪一步最花时间？")),
    (_("“再这样就考不上了。”不吓孩子，也不吓家长。"), _("不只说分数；不要求家长批改作业。")),
)
_CONDUCT = Openings(
    (_("我说一件我看到的事，想和您一起想想是怎么回事：……"), _("在家里他怎么说这件事？我们先定一个小约定，好吗？")),
    (_("不告状、不翻旧账；不说“再这样就……”。"), _("不要求家长打骂，不当着孩子的面逼家长表态。")),
)
_PEERS = Openings(
    (_("孩子提到过……同学，他们一起……"), _("他在家里会说起班里的事吗？")),
    (_("不说“不合群”“没朋友”；不追问是谁的错。"),),
)
_SCREENS = Openings(
    (_("他喜欢玩什么？您能让他教您玩一次吗？"), _("我们商量一个全家都做得到的约定，大人也算在内。")),
    (_("不说“网瘾”；不当场没收，不许诺立刻戒掉。"),),
)
_BACK = Openings(
    (
        _("大家都惦记着他，他的座位一直留着。"),
        _("先不说上学的事，他最近在做什么、喜欢什么？"),
        _("如果回来，第一天我在校门口等他。哪一天合适？"),
    ),
    (_("不说“不上学就违法”来压人；不当场要保证书。"), _("不在邻居面前谈，不催孩子马上回答。")),
)
_MOVED = Openings(
    (_("来这里以后孩子习惯吗？路上、吃饭、说话有没有不方便？"), _("您什么时间方便接电话？我们按您的时间来。")),
    (_("不说“你们外地的”；不问什么时候走。"),),
)
_NEW = Openings(
    (_("刚到新班级，孩子回家怎么说起学校？"), _("有什么要我们留心的，比如吃饭、睡觉、过敏？")),
    (_("不急着提要求；不说“以后可就难了”。"),),
)
_CHANGE = Openings(
    (
        _("最近孩子比平时安静一些，我有点惦记，想听听您看到的。"),
        _("有什么需要学校配合、又不想让别人知道的，可以只告诉我。"),
    ),
    (_("不追问发生了什么；家长不愿说，就说“等您想说的时候”。"), _("不说“想开点”“会过去的”。")),
)
_DOUBT = Openings(
    (_("谢谢您愿意说。我先听完，记下来，哪天答复您我现在就定。"), _("您最在意的是哪一件？")),
    (_("不解释、不辩护、不说“这是规定”，先听完。"), _("不当场答应自己定不了的事。")),
)
_PRAISE = Openings(
    (_("今天专门来报喜：……"), _("这件事您是怎么教的？能不能在家长会上说说？")),
    (_("报喜就只报喜，不接着说“但是”。"),),
)

BY_CATEGORY: dict[str, Openings] = {
    **dict.fromkeys(("A11", "A12"), _APART),
    **dict.fromkeys(("A21", "A22", "A23"), _HOME),
    "A24": _OLD,
    **dict.fromkeys(("B11", "B12", "B13", "B14", "B15", "B19"), _MEANS),
    **dict.fromkeys(("C12", "C13"), _SUPPORT),
    **dict.fromkeys(("D11", "D12"), _STUDY),
    "D21": _CONDUCT,
    "D22": _PEERS,
    "D23": _SCREENS,
    **dict.fromkeys(("D31", "D32"), _BACK),
    **dict.fromkeys(("E11", "E12"), _MOVED),
    "F11": _NEW,
    **dict.fromkeys(("F21", "F22"), _CHANGE),
    "F31": _DOUBT,
    "F61": _PRAISE,
}


def openings(categories: Iterable[str]) -> Openings:
    """What suits this family: lines for what is known of its children first, then those for everybody."""
    found = [BY_CATEGORY[code] for code in dict.fromkeys(categories) if code in BY_CATEGORY]
    say = dict.fromkeys(line for one in (*found, EVERYBODY) for line in one.say)
    avoid = dict.fromkeys(line for one in (*found, EVERYBODY) for line in one.avoid)
    return Openings(tuple(say)[:MOST], tuple(avoid)[:MOST])


CHECKLIST: Lines = (
    _("提前一天和家长确认时间、地点"),
    _("同行老师说好在哪里会合"),
    _("行程已报备，应急卡在手机上"),
    _("家访提纲看过一遍，知道先说哪一句"),
    _("家长联系卡"),
    _("资助、安全等政策材料"),
    _("工作证或校牌"),
    _("手机充满电，离线记录已打开过一次"),
    _("不收礼、不吃请、不推荐补课和用品"),
)
