"""Loaded before Django's settings: tests have their own data folder and their own database server."""

import os
from pathlib import Path

from koumen.config import database, env

ROOT = Path(__file__).resolve().parent.parent
os.environ["KOUMEN_DATA"] = str(ROOT / ".cache" / "tests")
os.environ.setdefault("KOUMEN_MFA_REQUIRED", "0")
os.environ["PYTHONWARNINGS"] = "ignore::UserWarning"
database.start(env.data_folder())
database.prepare(database.locate(env.data_folder(), env.load_secrets(env.data_folder()).app_password))
