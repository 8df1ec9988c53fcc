"""Are the migrations in step with the models? Asks Django, with no database behind it."""

import os
import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.translation import deactivate_all


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koumen.config.settings")
    django.setup()
    deactivate_all()  # names in migrations are untranslated
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    ours = {label: found for label, found in changes.items() if apps.get_app_config(label).name.startswith("koumen.")}
    for label, migrations in ours.items():
        for migration in migrations:
            print(f"{label} lacks a migration: " + "; ".join(o.describe() for o in migration.operations))
    print("migrations: in step" if not ours else "run tools/manage.py makemigrations APP -n what_it_does")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
