"""教职工名单: colleagues found again by number, phone or name; the posts a row gives are added, none is taken away.

A class has one class teacher: the former one's post ends the day before.
"""

from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from koumen.core import clock, crypto
from koumen.core.actor import Actor
from koumen.registry import policies
from koumen.registry.models import ImportBatch, Org, PostCode, Role, Staff
from koumen.registry.services.imports.book import class_book
from koumen.registry.services.imports.effects import Effect, differing
from koumen.registry.services.roster import KnownClass, Note
from koumen.registry.services.roster.reader import Findings
from koumen.registry.services.roster.staff import StaffLine, StaffReader
from koumen.registry.services.terms import ensure_year

Held = tuple[str, int | None, str]  # post, class, subject


def read_staff(batch: ImportBatch, source: Path, *, by: Actor) -> tuple[list[Effect], Findings]:
    """Read a file of staff and compare it with the registry. Raises Unreadable."""
    org = Org.objects.get(pk=batch.org_id)
    reader = StaffReader(classes=class_book(org, may_add=False), school_code=org.code)
    people = _People(clock.today(), by.member_id, reader.findings)
    return [people.effect(line) for line in reader.read(source)], reader.findings


class _People:
    """The school's staff and their posts, loaded once."""

    def __init__(self, today: date, importer: int | None, findings: Findings) -> None:
        self.today, self.importer, self.findings = today, importer, findings
        staff = list(Staff.objects.filter(is_active=True))
        self.by_number = {s.number: s for s in staff if s.number}
        self.by_phone = {bytes(s.phone_hash): s for s in staff if s.phone_hash}
        names: dict[str, list[Staff]] = {}
        for member in staff:
            names.setdefault(member.name, []).append(member)
        self.by_name = {name: found[0] for name, found in names.items() if len(found) == 1}
        self.posts: dict[int, set[Held]] = {}
        for owner, post, school_class, subject in Role.objects.current(today).values_list(
            "staff_id", "post", "school_class_id", "subject"
        ):
            self.posts.setdefault(owner, set()).add((post, school_class, subject))

    def find(self, line: StaffLine) -> Staff | None:
        """By number, then phone, then a name only one colleague has (and whose numbers do not contradict)."""
        found = self.by_number.get(line.number) or self.by_phone.get(crypto.lookup(line.phone))
        if found is None and (same := self.by_name.get(line.name)) is not None:
            contradicts = (line.number and same.number) or (line.phone and same.phone)
            found = None if contradicts else same
        return found

    def effect(self, line: StaffLine) -> Effect:
        member = self.find(line)
        wanted = _wanted(line)
        held = self.posts.get(member.pk, set()) if member else set()
        missing = self._allowed(line, member, held, wanted - held)
        effect = Effect(line.sheet, line.row, "new", line.name)
        if member is not None:
            party = "" if line.is_party_member is None else line.is_party_member
            effect.changes = differing(
                [("name", member.name, line.name), ("gender", member.gender, line.gender),
                 ("number", member.number, line.number), ("party", member.is_party_member, party)]
            )  # fmt: skip
            if line.phone and crypto.lookup(line.phone) != bytes(member.phone_hash):
                effect.changes.append({"field": "phone"})
            if missing:
                effect.changes.append({"field": "posts"})
            effect.change = "changed" if effect.changes else "same"
        effect.act = lambda: self._write(line, member or Staff(), missing)
        return effect

    def _allowed(self, line: StaffLine, member: Staff | None, held: set[Held], missing: set[Held]) -> set[Held]:
        """Nobody gives posts to themselves; administrators stay away from children. Such posts are left out."""
        text = ""
        if missing and member is not None and member.pk == self.importer:
            text = _("自己的职务不能由自己导入，已跳过；请另一位管理人员添加")
        elif missing and any(post in policies.ADMINISTRATORS for post, _unit, _subject in held):
            text = _("管理员不接触学生资料，不能同时担任教学或德育职务，已跳过")
        if text:
            self.findings.notes.append(Note(line.sheet, line.row, text))
        return set() if text else missing

    def _write(self, line: StaffLine, member: Staff, missing: set[Held]) -> None:
        member.name = line.name
        member.gender = line.gender or member.gender
        member.number, member.phone = line.number or member.number, line.phone or member.phone
        if line.is_party_member is not None:
            member.is_party_member = line.is_party_member
        member.save()
        led = [unit for post, unit, _subject in missing if post == PostCode.CLASS_TEACHER]
        former = Role.objects.current(self.today).filter(post=PostCode.CLASS_TEACHER, school_class_id__in=led)
        ended = former.update(ends=self.today - timedelta(days=1))
        starts = self.today if ended else min(self.today, ensure_year(self.today).starts)
        rows = []
        for post, class_id, subject in sorted(missing, key=str):
            row = Role(staff=member, post=post, subject=subject, starts=starts)
            row.school_class_id = class_id
            rows.append(row)
        Role.objects.bulk_create(rows)


def _wanted(line: StaffLine) -> set[Held]:
    """The posts a row gives: of the whole school by 职务, of classes by the class columns."""
    of_classes: list[tuple[str, KnownClass, str]] = [("class_teacher", k, "") for k in line.leads]
    of_classes += [("subject_teacher", k, subject) for k, subject in line.teaches]
    wanted: set[Held] = {(post, k.id, subject) for post, k, subject in of_classes}
    needs_class = {"class_teacher", "subject_teacher", "grade_head"}
    return wanted | {(post, None, "") for post in line.posts if post not in needs_class}
