"""A town's school as rows: the planner's synthetic school written into the scope that is open."""

from datetime import date

from koumen.planner import Problem, make_school
from koumen.registry.models import Grade, Household, Place, Role, SchoolClass, Staff, Student

SINCE = date(2026, 9, 1)
PATTERNS = ("any", "any", "any", "evenings", "weekends", "late")


def build(classes: int, size: int = 45, seed: int = 7) -> Problem:
    """Classes, staff with posts, families with points; returns the school they were taken from."""
    school = make_school("town", classes, seed, size)
    rooms = _classes(school)
    _staff(school, rooms)
    _families(school, rooms)
    return school


def _classes(school: Problem) -> dict[str, SchoolClass]:
    rooms = {}
    for number, team in enumerate(school.classes):
        level, order = number % 6 + 1, number // 6 + 11
        entry = 2010 - level
        grade, _made = Grade.objects.get_or_create(
            stage=2, entry_year=entry, defaults={"level": level, "name": f"{level}年级"}
        )
        rooms[team.id] = SchoolClass.objects.create(grade=grade, number=order, name=f"{level}年级{order}班")
    return rooms


def _staff(school: Problem, rooms: dict[str, SchoolClass]) -> None:
    posts = {"principal": "vice_principal", "middle": "middle_leader"}
    people = Staff.objects.bulk_create(Staff(name=f"老师{one.id[1:]}", number=one.id) for one in school.people)
    staff = {one.number: one for one in people}
    roles = [
        Role(staff=staff[one.id], post=posts[one.role], starts=SINCE) for one in school.people if one.role in posts
    ]
    for team in school.classes:
        room = rooms[team.id]
        roles.append(Role(staff=staff[team.teacher], post="class_teacher", starts=SINCE, school_class=room))
        roles += [Role(staff=staff[m], post="subject_teacher", starts=SINCE, school_class=room) for m in team.members]
    Role.objects.bulk_create(roles)


def _families(school: Problem, rooms: dict[str, SchoolClass]) -> None:
    keys = sorted({home.place for home in school.households})
    places = {key: Place.objects.create(name=f"{key}村", lng=school.school.lng, lat=school.school.lat) for key in keys}
    homes = Household.objects.bulk_create(
        Household(
            address=f"示范镇{home.place}村{number}号",
            place=places[home.place],
            lng=home.point.lng if home.point else None,
            lat=home.point.lat if home.point else None,
            is_remote=home.remote,
            prefers_remote=not home.in_person,
            pattern=PATTERNS[number % len(PATTERNS)],
        )
        for number, home in enumerate(school.households)
    )
    Student.objects.bulk_create(
        Student(name=f"学生{child[1:]}", school_class=rooms[room], household=row)
        for row, home in zip(homes, school.households, strict=True)
        for child, room in home.students
    )
