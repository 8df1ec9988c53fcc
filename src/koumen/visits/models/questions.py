"""A campaign's own questions, version by version; a record keeps the version it answered."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koumen.core.models import StoredFile
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.visits.models.campaigns import Campaign


class QuestionFormQuerySet(OrgQuerySet["QuestionForm"]):
    def in_use(self) -> "QuestionFormQuerySet":
        """What new records of a campaign are asked: at most one version each."""
        return self.filter(published_at__isnull=False, ended_at=None)


QuestionFormManager = OrgManager.from_queryset(QuestionFormQuerySet)


class QuestionForm(OrgModel):
    """专项问题: one version of a campaign's own questions. Published, it is never changed again.

    `questions` are flat, in the order they are asked: name, type, label, hint, group, required, relevant, constraint,
    choices; conditions are parsed (`core.expressions`). `groups` are the headings, counted from 1. Phones get both.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="question_forms")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(_("标题"), max_length=120)
    questions = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    source = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")  # the workbook as it was uploaded
    uploaded_by = models.CharField(max_length=60)
    uploaded_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # a newer version came, or no questions are asked any more
    objects: ClassVar[Any] = QuestionFormManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "version"], name="questions_version_once"),
            models.UniqueConstraint(
                fields=["org", "campaign"],
                condition=models.Q(published_at__isnull=False, ended_at=None),
                name="one_question_form_in_use",
            ),
        ]

    @property
    def asked(self) -> int:
        """How many questions want an answer."""
        return sum(one["type"] != "note" for one in self.questions)

    def for_phone(self) -> dict[str, Any]:
        """What a phone holds of it."""
        return {
            "id": self.pk, "version": self.version, "title": self.title,
            "groups": self.groups, "questions": self.questions,
        }  # fmt: skip


def shown(part: dict[str, Any], name: str = "label") -> str:
    """A label or hint in the reader's language, Chinese where there is no other."""
    other = part.get(f"{name}_en", "") if (get_language() or "").startswith("en") else ""
    return str(other or part.get(name, ""))
