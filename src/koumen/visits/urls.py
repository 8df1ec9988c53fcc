"""URLs of visits."""

from django.urls import URLPattern, URLResolver, path

from koumen.visits import api
from koumen.visits.views import campaigns, compare, moves, outings, papers, plans, records, timetables, visits, walls

app_name = "visits"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("visits/mine/", visits.mine, name="mine"),
    path("visits/new/", visits.new, name="new"),
    path("visits/new/<int:pk>/", records.new_record, name="new_record"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/record/", records.record, name="record"),
    path("visits/<uuid:pk>/revise/", records.revise, name="revise"),
    path("visits/<uuid:pk>/decline/", visits.decline, name="decline"),
    path("visits/<uuid:pk>/paper/", papers.paper, name="paper"),
    path("classes/<int:pk>/records/", papers.records, name="records"),
    path("classes/<int:pk>/papers/", papers.papers, name="papers"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/<slug:step>/", campaigns.campaign_edit, name="campaign_edit"),
    path("campaigns/<int:pk>/state/", campaigns.campaign_state, name="campaign_state"),
    path("campaigns/<int:pk>/free/", campaigns.free, name="free"),
    path("campaigns/<int:pk>/free/<int:staff>/", campaigns.free_of, name="free_of"),
    path("campaigns/<int:pk>/plans/", plans.plan_start, name="plan_start"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:pk>/progress/", plans.plan_progress, name="plan_progress"),
    path("plans/<int:pk>/cancel/", plans.plan_cancel, name="plan_cancel"),
    path("plans/<int:pk>/adopt/", plans.plan_adopt, name="plan_adopt"),
    path("plans/<int:pk>/tray/", plans.plan_tray, name="plan_tray"),
    path("plans/<int:pk>/compare/", compare.compare_with, name="plan_compare_with"),
    path("plans/<int:pk>/compare/<int:other>/", compare.compare, name="plan_compare"),
    path("plans/<int:pk>/wall/", walls.wall, name="plan_wall"),
    path("plans/<int:pk>/map/", plans.plan_map, name="plan_map"),
    path("plans/<int:pk>/timetable/", timetables.plan_timetable, name="plan_timetable"),
    path("plans/<int:pk>/timetable/<int:staff>/", timetables.staff_timetable, name="staff_timetable"),
    path("plans/<int:pk>/calendar/<int:staff>/", timetables.staff_calendar, name="staff_calendar"),
    path("plans/<int:pk>/move/<int:household>/", moves.move_visit, name="move_visit"),
    path("outings/", outings.outings, name="outings"),
    path("outings/timetable/", timetables.my_timetable, name="my_timetable"),
    path("outings/calendar/", timetables.my_calendar, name="my_calendar"),
    path("outings/<int:pk>/", outings.outing, name="outing"),
    path("outings/<int:pk>/map/", outings.outing_map, name="outing_map"),
]
