"""The visits' tables, a file per stage of a visit's life."""

from koumen.visits.models.after import Agreement, Commitment, Effect, FeedbackAnswer, FeedbackRequest, Share
from koumen.visits.models.appointments import Appointment
from koumen.visits.models.arrangements import (
    ClassPair,
    Clearance,
    Exemption,
    FamilyAnswer,
    FamilySlot,
    GroupVisit,
    GroupVisitHome,
)
from koumen.visits.models.campaigns import (
    Availability,
    Campaign,
    CampaignClass,
    Mode,
    Quota,
    Slot,
    StaffSlot,
    Target,
)
from koumen.visits.models.intake import RecordFile, RecordOrigin
from koumen.visits.models.parts import PlanPart, PlanTask
from koumen.visits.models.plans import Outing, OutingStaff, Plan, Stop
from koumen.visits.models.preparation import Preparation, Remark
from koumen.visits.models.questions import QuestionForm
from koumen.visits.models.records import ClosedMonth, RecordDraft, RecordVersion
from koumen.visits.models.roads import MeasuredRoute, PlanRoads, RoadChoice, RoadTimes
from koumen.visits.models.trips import SafetyContact, Trip
from koumen.visits.models.visits import Visit, VisitRecord, VisitStaff, VisitStudent

__all__ = [
    "Agreement",
    "Appointment",
    "Availability",
    "Campaign",
    "CampaignClass",
    "ClassPair",
    "Clearance",
    "ClosedMonth",
    "Commitment",
    "Effect",
    "Exemption",
    "FamilyAnswer",
    "FamilySlot",
    "FeedbackAnswer",
    "FeedbackRequest",
    "GroupVisit",
    "GroupVisitHome",
    "MeasuredRoute",
    "Mode",
    "Outing",
    "OutingStaff",
    "Plan",
    "PlanPart",
    "PlanRoads",
    "PlanTask",
    "Preparation",
    "QuestionForm",
    "Quota",
    "RecordDraft",
    "RecordFile",
    "RecordOrigin",
    "RecordVersion",
    "Remark",
    "RoadChoice",
    "RoadTimes",
    "SafetyContact",
    "Share",
    "Slot",
    "StaffSlot",
    "Stop",
    "Target",
    "Trip",
    "Visit",
    "VisitRecord",
    "VisitStaff",
    "VisitStudent",
]
