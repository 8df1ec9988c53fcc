"""`koumen worker`: runs jobs and delivers the outbox; any number of them, on any number of machines."""

import argparse
import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from typing import Any

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from koumen.cli.say import say
from koumen.cli.serve import end_with_parent
from koumen.core.jobs import requeue_stalled
from koumen.core.side import close_side

log = logging.getLogger(__name__)
QUEUES = ("default", "outbox")
URGENT = ("alarms", "outbox")  # have a place of their own, so that long jobs never hold them up
LOOK_EVERY = 10  # seconds between looks for jobs of dead workers


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen worker`."""
    parser.add_argument("--concurrency", type=int, default=max(1, min(4, os.cpu_count() or 1)), help="同时做几件")
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)


def tidy(work: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Around every job: threads are reused, connections and what they remember are not."""
    try:
        return work()
    finally:
        close_side()
        connections.close_all()


async def pick_up() -> None:
    """From the start on, put back the jobs of workers that stopped breathing."""
    while True:
        found = await requeue_stalled(app)
        if found:
            say(f"接手 {found} 件中断的后台任务")
        await asyncio.sleep(LOOK_EVERY)


async def work_urgent() -> None:
    """What cannot wait until a plan is computed: alarms, and the messages they send. Begun again when it breaks off."""
    while True:
        try:
            await app.run_worker_async(
                queues=list(URGENT),
                name="urgent",
                concurrency=1,
                listen_notify=False,
                install_signal_handlers=False,
                shutdown_graceful_timeout=10,
                task_middleware=[tidy],
            )
        except Exception as error:
            log.warning("the urgent jobs broke off: %s", error)
        await asyncio.sleep(LOOK_EVERY)


async def work(concurrency: int) -> None:
    """Work until SIGINT or SIGTERM; jobs under way are given time to end."""
    async with app.open_async():
        beside = [asyncio.create_task(pick_up()), asyncio.create_task(work_urgent())]
        try:
            say("后台任务就绪")
            await app.run_worker_async(
                queues=list(QUEUES),
                concurrency=concurrency,
                shutdown_graceful_timeout=10,
                task_middleware=[tidy],
            )
        finally:
            for one in beside:
                one.cancel()
            for one in beside:
                with contextlib.suppress(asyncio.CancelledError):
                    await one


def run(options: argparse.Namespace) -> int:
    """Run one worker."""
    if options.with_parent:
        end_with_parent()
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()):
        asyncio.run(work(options.concurrency))
    return 0
