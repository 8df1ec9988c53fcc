"""The settings this program reads from its environment: one list, loud about what it does not know."""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

# name -> (default, what it does).  docs/settings.md is generated from this table.
KNOWN: dict[str, tuple[str, str]] = {
    "KOUMEN_DATA": (".data", "Folder of the embedded database, uploaded files, secrets and logs."),
    "KOUMEN_DATABASE": ("koumen", "Name of the database on the embedded server."),
    "KOUMEN_SECRET_KEY": ("", "Signs sessions and forms. Made once and kept in the data folder when empty."),
    "KOUMEN_FIELD_KEYS": (
        "",
        "Keys of encrypted fields, base64 of 32 bytes each, newest first, separated by commas. "
        "Made once and kept in the data folder when empty.",
    ),
    "KOUMEN_LOOKUP_KEY": ("", "Key of the keyed hashes that find an encrypted value. Made once when empty."),
    "KOUMEN_APP_PASSWORD": ("", "Password of the database's application role on an external server."),
    "KOUMEN_HOSTS": ("127.0.0.1,localhost,[::1]", "Host names the site answers to, separated by commas."),
    "KOUMEN_HTTPS": ("0", "1 when the site is reached by https: secure cookies and HSTS."),
    "KOUMEN_DEBUG": ("0", "1 shows error details to whoever asks. Never on a machine with real data."),
    "KOUMEN_MFA_REQUIRED": ("1", "0 lets administrators sign in without a second factor (demo only)."),
    "KOUMEN_TILE_URL": (
        "",
        "Address pattern of map tiles, e.g. with {z}/{x}/{y}. Empty: maps without tiles.",
    ),
    "KOUMEN_ROADS": (
        "",
        "Map service that schools may let ask for road times: osrm, amap, tencent or tianditu. "
        "Empty: great circles alone.",
    ),
    "KOUMEN_ROADS_KEY": ("", "Key of that service, one for all schools of the site; osrm needs none."),
    "KOUMEN_ROADS_URL": ("", "Address of that service. Empty: its public one; osrm has none."),
    "KOUMEN_ROADS_PER_SECOND": ("2", "Requests a second that each worker sends to it at most."),
    "KOUMEN_PORT": ("8000", "Port the site listens on."),
    "KOUMEN_HOST": ("127.0.0.1", "Address the site listens on."),
    "KOUMEN_QUIET_HOURS": ("21:00-07:00", "Hours in which nothing is sent to families or staff."),
    "KOUMEN_OUTBOX": ("file", "Back end of e-mail and SMS: file, console or none."),
}


ROAD_SERVICES = ("osrm", "amap", "tencent", "tianditu")


class SettingsError(Exception):
    """The environment asks for something this program does not know or cannot read."""


@dataclass(frozen=True)
class RoadService:
    """The map service of this site: `name` is "" when there is none."""

    name: str
    key: str
    url: str
    per_second: float


@dataclass(frozen=True)
class Secrets:
    secret_key: str
    field_keys: tuple[str, ...]
    lookup_key: str
    app_password: str


def read(name: str) -> str:
    """The value of one known variable, or its default."""
    return os.environ.get(name, "") or KNOWN[name][0]


def refuse_unknown() -> None:
    """Stop the start when a KOUMEN_ variable is misspelt. Raises SettingsError."""
    unknown = sorted(k for k in os.environ if k.startswith("KOUMEN_") and k not in KNOWN)
    if unknown:
        raise SettingsError(f"unknown settings: {', '.join(unknown)}; docs/settings.md lists the known ones")


def data_folder() -> Path:
    return Path(read("KOUMEN_DATA")).resolve()


def road_service() -> RoadService:
    """The map service asked for road times. Raises SettingsError when it is half set."""
    name, key, url = read("KOUMEN_ROADS"), read("KOUMEN_ROADS_KEY"), read("KOUMEN_ROADS_URL")
    if name and name not in ROAD_SERVICES:
        raise SettingsError(f"KOUMEN_ROADS is {name}; it may be {', '.join(ROAD_SERVICES)}")
    missing = {"osrm": "" if url else "KOUMEN_ROADS_URL"}.get(name, "" if key else "KOUMEN_ROADS_KEY")
    if name and missing:
        raise SettingsError(f"KOUMEN_ROADS={name} needs {missing}")
    try:
        per_second = float(read("KOUMEN_ROADS_PER_SECOND"))
    except ValueError:
        per_second = 0
    if not 0 < per_second < 1_000:
        raise SettingsError("KOUMEN_ROADS_PER_SECOND is no number between 0 and 1000")
    return RoadService(name, key, url, per_second)


def load_secrets(folder: Path) -> Secrets:
    """Secrets from the environment, else from the data folder, else made now and kept there (mode 0600)."""
    path = folder / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "KOUMEN_SECRET_KEY": secrets.token_urlsafe(48),
        "KOUMEN_FIELD_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "KOUMEN_LOOKUP_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "KOUMEN_APP_PASSWORD": secrets.token_urlsafe(24),
    }
    fresh = {name: value for name, value in made.items() if name not in kept}
    if fresh:
        kept |= fresh
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept, indent=1))
    value = {name: os.environ.get(name, "") or kept[name] for name in made}
    return Secrets(
        secret_key=value["KOUMEN_SECRET_KEY"],
        field_keys=tuple(k.strip() for k in value["KOUMEN_FIELD_KEYS"].split(",") if k.strip()),
        lookup_key=value["KOUMEN_LOOKUP_KEY"],
        app_password=value["KOUMEN_APP_PASSWORD"],
    )
