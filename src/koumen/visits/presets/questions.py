"""What a campaign's own questions may be: the part of XLSForm that is understood, and its bounds."""

from django.utils.translation import gettext_lazy as _

FILE_LIMIT = 1_048_576  # bytes
MOST_BYTES = 65_536  # of all questions together: every phone of the campaign carries them
MOST_QUESTIONS, MOST_CHOICES, MOST_GROUPS, DEEPEST_GROUP = 60, 200, 20, 3
# A record asks three answers at most (R8). Two are the record's own: who was met, and what was talked about; the mode
# is filled in from the plan. So one is left for a campaign. It is a rule, not advice: a warning would be clicked away.
MOST_REQUIRED = 1
LONGEST = {"label": 200, "hint": 300, "constraint_message": 200, "required_message": 200, "choice": 100, "title": 120}

ASKED = ("text", "integer", "decimal", "date", "select_one", "select_multiple")
ALIASES = {
    "string": "text", "int": "integer", "begin group": "begin_group", "end group": "end_group",
    "select one": "select_one", "select multiple": "select_multiple", "add select one prompt using": "select_one",
    "add select multiple prompt using": "select_multiple",
}  # fmt: skip
_CLOCK = _("家访的时间系统会自己记，这一行可以删去。")
_PICTURE = _("照片、签名和语音在记录里本来就可以附，这一行可以删去。")
_PLACE = _("家访记录不取位置，这一行请删去。")
_LIST = _("请改成 select_one 或 select_multiple，选项写在 choices 工作表里。")
_SINGLE = _("请改成普通的题目，不重复、不计算。")
# Types of XLSForm that are not understood, and what to do instead.
UNSUPPORTED = {
    "start": _CLOCK, "end": _CLOCK, "today": _CLOCK, "time": _("请改成 text。"), "datetime": _("请改成 date。"),
    "image": _PICTURE, "photo": _PICTURE, "audio": _PICTURE, "video": _PICTURE, "file": _PICTURE,
    "background-audio": _PICTURE, "geopoint": _PLACE, "geotrace": _PLACE, "geoshape": _PLACE,
    "start-geopoint": _PLACE, "rank": _LIST, "select_one_from_file": _LIST, "select_multiple_from_file": _LIST,
    "select_one_external": _LIST, "osm": _PLACE, "range": _("请改成 integer。"), "barcode": _("请改成 text。"),
    "acknowledge": _("请改成 note，或 select_one。"), "trigger": _("请改成 note，或 select_one。"),
    "begin_repeat": _SINGLE, "end_repeat": _SINGLE, "begin repeat": _SINGLE, "end repeat": _SINGLE,
    "calculate": _SINGLE, "hidden": _SINGLE, "csv-external": _LIST, "xml-external": _LIST, "entity": _SINGLE,
    "username": _CLOCK, "deviceid": _CLOCK, "phonenumber": _CLOCK, "email": _CLOCK, "audit": _CLOCK,
}  # fmt: skip
# Columns of XLSForm that change what a form does, and are not understood: used, they are refused.
UNSUPPORTED_COLUMNS = (
    "calculation", "calculate", "repeat_count", "choice_filter", "default", "read_only", "readonly", "parameters",
    "trigger", "save_to", "image", "audio", "video", "big-image", "media", "body", "bind", "instance", "autoplay",
)  # fmt: skip
# Columns that only change how a form looks elsewhere, or are notes of whoever writes it: passed over.
PASSED_OVER = (
    "appearance", "guidance_hint", "comment", "comments", "remark", "remarks", "备注", "说明", "disabled", "order",
)  # fmt: skip
COLUMNS = {
    "survey": ("type", "name", "label", "hint", "required", "required_message", "relevant", "constraint",
               "constraint_message"),
    "choices": ("list_name", "name", "label"),
    "settings": ("form_title", "form_id", "version", "default_language", "style", "instance_name", "public_key"),
}  # fmt: skip
COLUMN_ALIASES = {
    "list name": "list_name", "value": "name", "relevance": "relevant", "constraint message": "constraint_message",
    "required message": "required_message", "title": "form_title", "caption": "label", "command": "type",
}  # fmt: skip
