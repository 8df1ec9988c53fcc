"""The registry's tables, a file per noun."""

from koumen.registry.models.flags import Flag, FlagReader, FlagTurn
from koumen.registry.models.households import Household, Place, SiblingOffer
from koumen.registry.models.imports import ImportBatch, ImportLine, StudentRow
from koumen.registry.models.openings import FileOpening
from koumen.registry.models.orgs import Account, Membership, Org
from koumen.registry.models.people import (
    Enrolment,
    Gender,
    Guardian,
    Guardianship,
    PostCode,
    Role,
    Staff,
    Student,
)
from koumen.registry.models.units import CalendarDay, Grade, SchoolClass, SchoolYear, Term

__all__ = [
    "Account",
    "CalendarDay",
    "Enrolment",
    "FileOpening",
    "Flag",
    "FlagReader",
    "FlagTurn",
    "Gender",
    "Grade",
    "Guardian",
    "Guardianship",
    "Household",
    "ImportBatch",
    "ImportLine",
    "Membership",
    "Org",
    "Place",
    "PostCode",
    "Role",
    "SchoolClass",
    "SchoolYear",
    "SiblingOffer",
    "Staff",
    "Student",
    "StudentRow",
    "Term",
]
