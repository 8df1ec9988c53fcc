"""`koumen serve`: the web server, granian, with as many processes and threads as the machine has use for."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.urls import get_resolver
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from koumen.config import env

APPLICATION = "koumen.config.wsgi"
THREADS = 4  # per process: pages wait for the database more than they compute
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen serve`."""
    parser.add_argument("--host", default=env.read("KOUMEN_HOST"), help="监听地址")
    parser.add_argument("--port", type=int, default=int(env.read("KOUMEN_PORT")), help="监听端口")
    parser.add_argument("--processes", type=int, default=max(1, min(8, os.cpu_count() or 1)), help="进程数")
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)


def end_with_parent() -> None:
    """Ask Linux to end this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def load(target: str) -> Callable[..., Any]:
    """The application; called in each serving process, none of which outlives the server."""
    end_with_parent()
    application: Callable[..., Any] = import_module(APPLICATION).application
    return application


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. A serving process that dies is replaced."""
    if options.with_parent:
        end_with_parent()
    import_module(APPLICATION)  # before the processes fork: loaded once, its memory shared
    assert get_resolver().url_patterns
    Granian(
        APPLICATION,
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=options.processes,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve(target_loader=load)
    return 0
