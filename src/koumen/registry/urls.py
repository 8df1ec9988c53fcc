"""URLs of registry."""

from django.urls import URLPattern, URLResolver, path

from koumen.registry.views import classes, flags, guardians, households, imports, staff, students

app_name = "registry"
urlpatterns: list[URLPattern | URLResolver] = [
    path("classes/", classes.overview, name="classes"),
    path("classes/<int:pk>/", classes.school_class, name="class"),
    path("students/<int:pk>/", students.student, name="student"),
    path("students/<int:pk>/open/", students.open_file, name="open_file"),
    path("students/<int:pk>/show/", students.show_value, name="show_value"),
    path("students/<int:pk>/flags/", flags.student_flags, name="student_flags"),
    path("students/<int:pk>/readers/", flags.flag_reader, name="flag_reader"),
    path("flags/", flags.flags, name="flags"),
    path("flags/<int:pk>/renew/", flags.flag_renew, name="flag_renew"),
    path("flags/<int:pk>/end/", flags.flag_end, name="flag_end"),
    path("guardians/<int:pk>/", guardians.guardian, name="guardian"),
    path("guardians/<int:pk>/end/", guardians.end, name="end_guardianship"),
    path("staff/", staff.staff, name="staff"),
    path("staff/accounts/", staff.open_accounts, name="open_accounts"),
    path("staff/<int:pk>/", staff.person, name="person"),
    path("staff/<int:pk>/account/", staff.open_account, name="open_account"),
    path("staff/<int:pk>/account/reset/", staff.reset_account, name="reset_account"),
    path("staff/<int:pk>/account/second-factor/", staff.drop_second_factor, name="drop_second_factor"),
    path("staff/<int:pk>/leave/", staff.close_account, name="close_account"),
    path("staff/roles/<int:pk>/end/", staff.end_role, name="end_role"),
    path("imports/", imports.overview, name="imports"),
    path("imports/upload/", imports.upload, name="upload"),
    path("imports/template/<slug:kind>/", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.preview, name="import"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="confirm_import"),
    path("imports/<int:pk>/discard/", imports.discard, name="discard_import"),
    path("imports/<int:pk>/marked/", imports.marked, name="marked"),
    path("households/", households.overview, name="households"),
    path("households/join/", households.join_all, name="join_all"),
    path("households/pairs/<int:pk>/join/", households.join, name="join"),
    path("households/pairs/<int:pk>/part/", households.part, name="part"),
    path("households/points/", households.without_point, name="points"),
    path("households/<int:pk>/point/", households.point, name="point"),
    path("households/<int:pk>/map/", households.map_around, name="home_map"),
]
