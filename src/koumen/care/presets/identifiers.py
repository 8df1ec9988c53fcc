"""What gives a person away in a Chinese text: the parts names, places, classes and days are written with."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What was found."""

    NAME = "name", _("姓名")
    NICKNAME = "nickname", _("小名或称呼")
    PLACE = "place", _("地点")
    SCHOOL = "school", _("学校")
    CLASS = "class", _("班级")
    NUMBER = "number", _("号码")
    DATE = "date", _("日期")
    RARE = "rare", _("少见的特征")


WHY = {
    Kind.NAME: _("这是个案里真实的姓名。"),
    Kind.NICKNAME: _("从这个称呼认得出是谁。"),
    Kind.PLACE: _("从地名能找到这一家。"),
    Kind.SCHOOL: _("从校名能找到这所学校。"),
    Kind.CLASS: _("从班号能找到这个班。"),
    Kind.NUMBER: _("这像是电话、证件号或账号。"),
    Kind.DATE: _("从具体的日子能对上这件事。"),
    Kind.RARE: _("这样的孩子很少，熟人一看就知道。"),
}
INSTEAD = {
    Kind.NAME: _("写“该生”“孩子的母亲”“班主任”"),
    Kind.NICKNAME: _("写“该生”“孩子的母亲”“班主任”"),
    Kind.PLACE: _("写“某村”“当地”"),
    Kind.SCHOOL: _("写“某小学”“学校”"),
    Kind.CLASS: _("写“某班”“高年级”"),
    Kind.NUMBER: _("删去"),
    Kind.DATE: _("写“开学初”“期中前后”"),
    Kind.RARE: _("写得笼统一些，或删去"),
}


def each(words: str) -> tuple[str, ...]:
    """The words of a line."""
    return tuple(words.split())


COMPOUND_SURNAMES = each(
    "欧阳 司马 上官 诸葛 尉迟 东方 皇甫 令狐 公孙 慕容 夏侯 长孙 宇文 司徒 淳于 南宫 端木 百里 呼延 独孤"
)
BEFORE_GIVEN = "小阿大老"
AFTER_GIVEN = each("仔 儿 子 娃 妹 哥 姐 弟 宝 丫 崽 妞 伢")
AFTER_SURNAME = each(
    "同学 老师 校长 主任 书记 爸爸 妈妈 爷爷 奶奶 外公 外婆 家长 女士 先生 大爷 大叔 大妈 大姐 阿姨 叔叔 某某 "
    "某 氏 爸 妈 父 母 家"
)
# A surname is one only where a word can begin: 语文老师 is nobody called 文, 提高家长 nobody called 高.
MAY_PRECEDE = "的和与跟同及对向给让请叫被由问找见到是在看听着了过把他她我你您咱为比随使0123456789"
PLACE_ENDS = each("街道 社区 小区 新村 省 市 县 区 镇 乡 村 组 寨 屯 坝 街 路 巷 苑 湾 庄 冲 沟 坪 营")
BEFORE_PLACE = "在到去住回从自赴往离于"
AFTER_PLACE = each("村 镇 乡 寨 坝 屯 庄 街 路 组 那边 老家 人 小学 中学 学校 完小 幼儿园 一带 附近")
# Signs before 村, 镇 … that make it any village and not a certain one.
ANY_PLACE = each(
    "这个 那个 一个 每个 哪个 某个 全镇 个山 农 山 乡 渔 本 全 邻 同 外 各 进 出 回 驻 入 返 下 到 在 离 我 "
    "名 位 他 她 该 某 的 小 大 城 集 赶 是 和 与 从 个 两 三 几 住 去 往 由 对 为 有 靠 近"
)
ANY_SCHOOL = each(
    "我 本 该 某 的 在 到 去 回 从 读 上 念 离 对 和 与 是 个 所 为 由 让 给 转 返 入 出 进 全 各 他 她 向 请 "
    "名 位 村 乡 镇 县 优质 寄宿 普通 职业 初级 高级 民办 公办 农村 城区 附近 家长 跟 同 使 把 靠 爱 近"
)
FESTIVALS = each("春节 除夕 元宵 清明 端午 中秋 重阳 国庆 元旦 劳动节 儿童节 教师节 腊八 小年 泼水节 火把节")
A_CERTAIN_DAY = each("当天 那天 当晚 那晚 当日 前一天 前一晚 第二天 前夜 夜里 早上")
RARE = each(
    "双胞胎 三胞胎 龙凤胎 多胞胎 轮椅 侏儒 白化病 成骨不全 玻璃娃娃 电视台 上了新闻 上过新闻 上了报纸 抖音 "
    "快手 视频号 公众号报道 网红 见义勇为 轰动"
)
