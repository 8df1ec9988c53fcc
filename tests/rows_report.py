"""A pytest plugin: writes each test's outcome with the requirement rows it carries (`-p tests.rows_report`)."""

import json
import os
from pathlib import Path

import pytest

VARIABLE = "ROWS_REPORT"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    outcome = yield
    report = outcome.get_result()
    rows = sorted({str(row) for mark in item.iter_markers("rows") for row in mark.args})
    if rows and report.when == "call" and VARIABLE in os.environ:
        line = {"test": item.nodeid, "rows": rows, "outcome": report.outcome}
        with Path(os.environ[VARIABLE]).open("a") as file:
            file.write(json.dumps(line) + "\n")
