"""What came of talking with families and is not done yet: problems, help, cases, opinions, tasks."""

from koumen.care.models.cases import Case, CaseAgreement, CaseNote, CaseReview, CaseSeat
from koumen.care.models.dropout import (
    DropoutEntry,
    DropoutReport,
    DropoutStep,
    PointDemand,
    ReturnAttempt,
    ReturnCheck,
    ReturnCheckChild,
)
from koumen.care.models.extracts import Extract
from koumen.care.models.findings import Finding, Measure, Progress
from koumen.care.models.lists import NameList
from koumen.care.models.opinions import NumberCount, Opinion, OpinionLimit, OpinionStep
from koumen.care.models.referrals import CaseTransfer, HarmReport, HarmStep, Referral
from koumen.care.models.tasks import Task

__all__ = [
    "Case",
    "CaseAgreement",
    "CaseNote",
    "CaseReview",
    "CaseSeat",
    "CaseTransfer",
    "DropoutEntry",
    "DropoutReport",
    "DropoutStep",
    "Extract",
    "Finding",
    "HarmReport",
    "HarmStep",
    "Measure",
    "NameList",
    "NumberCount",
    "Opinion",
    "OpinionLimit",
    "OpinionStep",
    "PointDemand",
    "Progress",
    "Referral",
    "ReturnAttempt",
    "ReturnCheck",
    "ReturnCheckChild",
    "Task",
]
