"""学生名单: the columns of a 学籍 export that are kept, and those that are dropped on purpose."""

from typing import Any

from koumen.registry.presets import codes
from koumen.registry.services.roster import cells
from koumen.registry.services.roster.columns import Column, Table, heading, names


def _column(key: str, label: str, *spellings: str, parse: cells.Parse, **options: Any) -> Column:
    return Column(key, label, names(label, *spellings), parse, **options)


_YES = cells.yes_or_no
_ADDRESS = cells.words(200)
_RELATIONS = "父亲、母亲、祖父、祖母、外祖父、外祖母、其他亲属…"


def _member_columns(n: int, label: str, also: tuple[str, ...]) -> tuple[Column, ...]:
    def made(key: str, field: str, parse: cells.Parse, *spellings: str, **options: Any) -> Column:
        found = [f"成员{n}{spelling}" for spelling in (field, *spellings)]
        found += [f"{word}{spelling}" for word in also for spelling in (field, *spellings)]
        return Column(f"{key}{n}", f"{label}{field}", names(f"{label}{field}", *found), parse, **options)

    return (
        made("member_name", "姓名", cells.person_name, example=("张大山", "王小英")[n - 1]),
        made("relation", "关系", cells.one_of(codes.RELATION_WORDS, _RELATIONS), "与学生关系", "称谓",
             cached=True, example=("父亲", "母亲")[n - 1]),
        made("member_phone", "联系电话", cells.phone, "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式",
             sensitive=True, example=("10000000001", "10000000002")[n - 1]),
        made("member_guards", "是否监护人", _YES, cached=True, example="是"),
        made("member_id_type", "身份证件类型", cells.one_of(codes.ID_TYPE_WORDS), "证件类型", cached=True),
        made("member_id", "身份证件号", cells.other_id, "证件号", "身份证号", "身份证号码", "身份证件号码",
             sensitive=True),
        made("member_address", "现住址", _ADDRESS, "住址", sensitive=True, unless="address"),
    )  # fmt: skip


COLUMNS: tuple[Column, ...] = (
    _column("name", "姓名", "学生姓名", "学生", parse=cells.person_name, required=True, example="张小雨"),
    _column("gender", "性别", "学生性别", parse=cells.one_of(codes.GENDER_WORDS), cached=True, example="女"),
    _column("birth_date", "出生日期", "出生年月日", "出生年月", "生日", parse=cells.day, cached=True,
            example="2017-01-02"),
    _column("ethnicity", "民族", parse=cells.one_of(codes.ETHNIC_WORDS, "汉族、回族、彝族…或 01–56"), cached=True,
            example="汉族"),
    _column("id_type", "身份证件类型", "证件类型", parse=cells.one_of(codes.ID_TYPE_WORDS), cached=True,
            example="居民身份证"),
    _column("id_no", "身份证件号", "身份证件号码", "身份证号", "身份证号码", "证件号", "证件号码", "公民身份号码",
            "身份证", parse=cells.other_id, sensitive=True),
    _column("student_no", "学籍号", "全国学籍号", "学籍号码", "国网学籍号", parse=cells.student_number, sensitive=True),
    _column("class_no", "班内学号", "学号", "班内编号", "座号", parse=cells.words(10), cached=True, example="1"),
    _column("grade", "年级", "所在年级", "年级名称", parse=cells.words(20), cached=True, example="三年级"),
    _column("school_class", "班级", "班级名称", "所在班级", "班别", "班号", "行政班", parse=cells.words(30),
            cached=True, example="2班"),
    _column("boarding", "就读方式", "走读住校", parse=cells.one_of(codes.BOARDING_WORDS), cached=True, example="走读"),
    _column("commute", "上下学交通方式", "上学交通方式", parse=cells.one_of(codes.COMMUTE_WORDS), cached=True,
            example="步行"),
    _column("entered_on", "入学年月", "入学日期", "入学时间", parse=cells.month, cached=True, example="202409"),
    _column("address", "现住址", "现住地址", "现居住地", "现居住地址", "居住地址", "住址", "家庭住址", "现家庭住址",
            parse=_ADDRESS, sensitive=True, example="青山镇柳树村1组8号"),
    _column("home_address", "家庭地址", parse=_ADDRESS, sensitive=True, unless="address"),
    _column("mail_address", "通信地址", "通讯地址", parse=_ADDRESS, sensitive=True, unless="address"),
    _column("place", "村组/社区", "村组", "社区", "村", "村(社区)", "村委会", "居委会", "自然村", "小区", "所属村社区",
            parse=cells.words(60), cached=True, example="柳树村"),
    _column("lng", "经度", "住址经度", "LNG", "LON", parse=cells.longitude),
    _column("lat", "纬度", "住址纬度", "LAT", parse=cells.latitude),
    _column("phone", "联系电话", "家庭电话", "电话", "手机号", "手机", "联系方式", "学生联系电话", parse=cells.phone,
            sensitive=True, unless="member_phone1"),
    _column("left_behind", "是否留守儿童", "留守儿童", "是否农村留守儿童", "留守情况",
            parse=cells.one_of(codes.LEFT_BEHIND_WORDS), cached=True, example="非留守儿童"),
    _column("migrant", "是否进城务工人员随迁子女", "进城务工人员随迁子女", "是否随迁子女", "随迁子女", parse=_YES,
            cached=True, example="否"),
    _column("orphan", "是否孤儿", "孤儿", parse=_YES, cached=True, example="否"),
    _column("martyr", "是否烈士或优抚子女", "是否烈士优抚子女", "烈士或优抚子女", parse=_YES, cached=True,
            example="否"),
    _column("ordinary_class", "随班就读", "是否随班就读", parse=cells.one_of(codes.ORDINARY_CLASS_WORDS), cached=True,
            example="非随班就读"),
    _column("disability", "残疾人类型", "残疾类型", "残疾类别", "是否残疾", parse=cells.one_of(codes.DISABILITY_WORDS),
            cached=True, example="无"),
    _column("health", "健康状况", parse=cells.one_of(codes.HEALTH_WORDS), cached=True, example="健康或良好"),
    _column("aid", "是否需要申请资助", parse=_YES, cached=True, example="否"),
    _column("subsidy", "是否享受一补", parse=_YES, cached=True, example="否"),
    *_member_columns(1, "家庭成员一", ("父亲", "监护人", "家长", "第一监护人")),
    *_member_columns(2, "家庭成员二", ("母亲", "第二监护人")),
)  # fmt: skip

# known columns of the register that are not kept: more than home visits need
_DROPPED = """
工作单位 职务 籍贯 户口性质 是否独生子女 独生子女 出生地 出生地行政区划码 户口所在地 户口所在地行政区划 国籍 国籍/地区
港澳台侨外 政治面貌 姓名拼音 曾用名 身份证件有效期 特长 学籍辅号 入学方式 学生来源 邮政编码 电子信箱 主页地址
是否受过学前教育 是否由政府购买学位 上下学距离 上下学距离公里 是否需要乘坐校车
血型 宗教信仰 学校名称 学校标识码 照片 婚姻状况 序号 备注
"""
_MEMBERS_DROPPED = "关系说明 民族 工作单位 户口所在地 户口所在地行政区划 职务 政治面貌 学历 出生日期 健康状况"
_FURTHER_MEMBERS = _MEMBERS_DROPPED + " 姓名 关系 联系电话 是否监护人 身份证件类型 身份证件号 现住址"
DROPPED = frozenset(
    [heading(text) for text in _DROPPED.split()]
    + [heading(f"成员{n}{text}") for n in (1, 2) for text in _MEMBERS_DROPPED.split()]
    + [heading(f"成员{n}{text}") for n in (3, 4) for text in _FURTHER_MEMBERS.split()]
)
STUDENTS = Table("students", COLUMNS, DROPPED, ("姓名", "班级", "学籍号"), skips_example=True)
