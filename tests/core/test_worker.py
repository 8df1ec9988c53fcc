"""What a worker knows when it starts: a fresh process, because the tests' own has imported everything."""

import os
import subprocess
import sys
from pathlib import Path

KNOWN = """
import django
from tests import environment
django.setup()
from procrastinate.contrib.django import app
from koumen.core.jobs import WORK
print(*sorted([*app.tasks, *WORK]))
"""


def test_a_worker_knows_every_task_that_is_enqueued() -> None:
    """Messages are queued by web pages; a worker that never imported the outbox could not deliver them."""
    root = Path(__file__).resolve().parents[2]
    around = os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}", "DJANGO_SETTINGS_MODULE": "koumen.config.settings"}
    command = [sys.executable, "-c", KNOWN]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=around)
    known = answer.stdout.split()
    assert {"core.run", "core.deliver", "core.pick_up_stalled", "core.upkeep", "portal.check_log"} <= set(known)
