"""Workbooks of questions to start from. Their words are content that a school edits: Chinese as they stand."""

SURVEY = (
    "type", "name", "label", "label::English (en)", "hint", "required", "relevant", "constraint", "constraint_message",
)  # fmt: skip
CHOICES = ("list_name", "name", "label", "label::English (en)")
YES_NO = (("yes_no", "yes", "是", "Yes"), ("yes_no", "no", "否", "No"))

# name → (title, rows of survey, rows of choices)
EXAMPLES: dict[str, tuple[str, tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]] = {
    "template": (
        "专项问题模板",
        (
            ("note", "why", "这几道题用来改进学校的服务，可以不答。", "These help us to help. You need not answer."),
            ("select_one yes_no", "has_desk", "孩子在家有固定的学习地方吗？", "Is there a place to study at home?"),
            ("text", "where_instead", "平时在哪里写作业？", "Where is homework done?", "一句话就够", "",
             "${has_desk} = 'no'"),
            ("integer", "minutes_alone", "放学后一个人在家大约多少分钟？", "Minutes alone after school", "", "", "",
             ". >= 0 and . <= 600", "请填 0 到 600 之间的整数。"),
        ),
        YES_NO,
    ),
    "study": (
        "在家学习情况",
        (
            ("begin_group", "place", "学习条件", "Conditions"),
            ("select_one place_kind", "study_place", "孩子在哪里写作业？", "Where is homework done?", "", "yes"),
            ("text", "study_other", "具体在哪里？", "Where exactly?", "", "", "${study_place} = 'other'"),
            ("select_one yes_no", "has_net", "家里有网络吗？", "Is there internet at home?"),
            ("decimal", "screen_hours", "每天看手机大约几小时？", "Hours on a phone each day", "半小时写 0.5", "", "",
             ". >= 0 and . <= 24", "一天只有 24 小时，请核对。"),
            ("end_group", ""),
            ("begin_group", "wishes", "家长的希望", "What the family wishes"),
            ("select_multiple help_kind", "help_wanted", "希望学校帮什么？", "What should the school help with?",
             "可以多选；都不需要就只选“都不需要”", "", "",
             "not(selected(., 'none') and count-selected(.) > 1)", "选了“都不需要”，就不要再选别的。"),
            ("date", "help_from", "希望从哪天开始？", "From which day?", "", "",
             "count-selected(${help_wanted}) > 0 and not(selected(${help_wanted}, 'none'))",
             ". >= today()", "请填家访当天或以后的日期。"),
            ("end_group", ""),
        ),
        (
            *YES_NO,
            ("place_kind", "desk", "自己的书桌", "An own desk"),
            ("place_kind", "table", "饭桌或别的桌子", "A shared table"),
            ("place_kind", "other", "别的地方", "Somewhere else"),
            ("help_kind", "homework", "作业辅导", "Homework"),
            ("help_kind", "reading", "借书和阅读", "Books and reading"),
            ("help_kind", "parenting", "家庭教育指导", "Advice on parenting"),
            ("help_kind", "none", "都不需要", "Nothing"),
        ),
    ),
    "safety": (
        "居家和上学路上的安全",
        (
            ("select_one yes_no", "told_safety", "和家长说过防溺水、交通安全了吗？", "Was safety talked about?"),
            ("select_multiple way", "way_home", "孩子怎样上学放学？", "How does the child go to school?"),
            ("select_one yes_no", "helmet", "坐电动车时戴头盔吗？", "Is a helmet worn?", "", "",
             "selected(${way_home}, 'ebike')"),
            ("integer", "walk_minutes", "走路要多少分钟？", "Minutes on foot", "", "", "selected(${way_home}, 'walk')",
             ". > 0 and . <= 240", "请填 1 到 240 之间的整数。"),
            ("select_one yes_no", "water_near", "家附近有水塘、河沟吗？", "Is there open water near the home?"),
            ("text", "water_where", "在哪里？谁看着孩子？", "Where, and who looks after the child?", "", "",
             "${water_near} = 'yes'"),
        ),
        (
            *YES_NO,
            ("way", "walk", "走路", "On foot"),
            ("way", "ebike", "坐电动车", "By e-bike"),
            ("way", "bus", "坐校车或公交", "By bus"),
            ("way", "other", "其他", "Otherwise"),
        ),
    ),
}  # fmt: skip

# The sheet that explains the others; the reader passes it over.
GUIDE = (
    ("这份表格怎么写", ""),
    ("survey 工作表", "一行一道题，从上到下就是问的顺序。最多 60 道。"),
    (
        "type(题型)",
        "text 文字、integer 整数、decimal 小数、date 日期、select_one 单选、select_multiple 多选、note 说明",
    ),
    ("", "单选和多选后面空一格写列表名，例如 select_one yes_no；选项写在 choices 工作表，最多 200 个"),
    ("", "begin_group 和 end_group 之间的题归在一个小标题下"),
    ("name", "题的名字，英文字母开头，不能重复，例如 study_place。改版时同一道题用同一个 name"),
    ("label、hint", "题目和提示，写中文；要英文就填 label::English (en)"),
    ("required", "必答写 yes。记录最多三项必答，活动只能加一道"),
    ("relevant", "什么时候才问，例如 ${has_desk} = 'no'，多选写 selected(${help_wanted}, 'none')。只能用前面的题"),
    ("constraint", "回答要符合什么，“.”代表这道题的回答，例如 . >= 0 and . <= 24；不符合时显示 constraint_message"),
    ("可以用的写法", "= != < <= > >= + - * div mod and or not() selected() count-selected() string-length() today()"),
    ("today()", "家访那一天"),
    ("请不要问", "身份证号、银行卡号、宗教信仰、孩子的排名；这些不应出现在家访记录里"),
)
