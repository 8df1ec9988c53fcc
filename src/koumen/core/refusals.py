"""One family of refusals, mapped to HTTP in one place (`core.web.refused`). Anything else raised is a bug."""

import re

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A request the program will not carry out. `str()` is the sentence shown to the person."""

    status = 400
    sentence = _("这一步没有成功，请检查后再试。")

    def __init__(self, sentence: object = "") -> None:
        super().__init__(sentence or self.sentence)
        self.details: dict[str, object] = {}  # more of it, for programs

    @property
    def code(self) -> str:
        """What programs are told, such as `too_many`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()


class NotFound(Refusal):
    """The row does not exist for this person."""

    status = 404
    sentence = _("没有找到这个页面，或它不对您开放。")


class Forbidden(Refusal):
    """The row is seen, the act is not allowed."""

    status = 403
    sentence = _("您的职务不能做这件事。如有需要，请联系学校德育处。")


class Invalid(Refusal):
    """What was sent cannot be used."""

    status = 422
    sentence = _("填写的内容有误，请按提示修改。")


class Conflict(Refusal):
    """Somebody was faster, or the same name carries other content."""

    status = 409
    sentence = _("这条内容刚刚被别人改过，请核对后再提交。")


class Gone(Refusal):
    """The row was there and is not to be written to any more."""

    status = 410
    sentence = _("这一项已经取消，不能再填写。")


class Full(Refusal):
    """There is no room for the file; nothing else of the request is lost."""

    status = 507
    sentence = _("服务器存储空间已满，文件还在您的手机上，请稍后再试并告诉管理员。")


class Away(Refusal):
    """The database cannot be reached, or broke off in the middle: nothing of the request was kept."""

    status = 503
    retry_after = 10
    sentence = _("学校的服务器正在恢复，这一步没有保存，请过一会儿再试。手机上没有发出的记录都还在。")


class TooLarge(Refusal):
    status = 413
    sentence = _("文件太大了，请压缩或分批上传。")


class TooMany(Refusal):
    """Asked again too soon; `retry_after` seconds are told to the browser."""

    status = 429
    retry_after = 60
    sentence = _("操作太频繁了，请稍等一会儿再试。")
