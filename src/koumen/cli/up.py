"""`koumen up`: database, web and worker together, and a clean stop of all three."""

import argparse
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from koumen.cli.data import database_running, is_migrated
from koumen.cli.say import Stop, say, warn
from koumen.config import env

PATIENCE = 30  # seconds until the web server must answer
GRACE = 15  # seconds a process has to end by itself


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `koumen up`."""
    parser.add_argument("--host", default=env.read("KOUMEN_HOST"), help="监听地址")
    parser.add_argument("--port", type=int, default=int(env.read("KOUMEN_PORT")), help="监听端口")


def run(options: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (then 0), or until one of the processes ends by itself (then 1)."""
    port = free_port(options.host, options.port)
    with database_running():
        if not is_migrated():
            ended = subprocess.run(command("migrate"), check=False)
            if ended.returncode:
                return ended.returncode
        started: list[subprocess.Popen[bytes]] = []
        try:
            started.append(start("serve", "--host", options.host, "--port", str(port)))
            started.append(start("worker"))
            await_answer(f"http://{options.host}:{port}/", started[0])
            say(f"\n  叩门已启动：http://{options.host}:{port}/    按 Ctrl-C 停止\n")
            return watch(started)
        except KeyboardInterrupt:
            return 0  # asked to stop: the normal end
        finally:
            stop(started)
            say("已停止。")


def command(*words: str) -> list[str]:
    """The command line of another `koumen` of the same environment."""
    return [sys.executable, "-W", "ignore", "-m", "koumen.cli.main", *words]


def start(*words: str) -> "subprocess.Popen[bytes]":
    """Start a part of the site, in a session of its own, so that Ctrl-C reaches us alone; it ends when we do."""
    return subprocess.Popen([*command(*words), "--with-parent"], start_new_session=True)


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next free one of the following twenty. Raises Stop when all are taken."""
    for port in range(wanted, wanted + 20):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            if port != wanted:
                warn(f"端口 {wanted} 已被占用，改用 {port}。")
            return port
    raise Stop(f"端口 {wanted}–{wanted + 19} 都被占用，请用 --port 另选一个。")


def await_answer(url: str, web: "subprocess.Popen[bytes]") -> None:
    """Return when the web server answers. Raises Stop when it ends or stays silent."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if web.poll() is not None:
            raise Stop("网页服务没有启动，上面的输出说明了原因。")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own address)
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise Stop(f"网页服务 {PATIENCE} 秒内没有应答。")


def watch(started: Sequence["subprocess.Popen[bytes]"]) -> int:
    """Wait for the person to stop us; a part that ends by itself ends everything."""
    while all(part.poll() is None for part in started):
        time.sleep(0.3)
    warn("有一个进程意外退出，站点停止。")
    return 1


def stop(started: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End the parts in order: asked first, made to when they do not."""
    for part in started:
        if part.poll() is None:
            part.send_signal(signal.SIGTERM)
    until = time.monotonic() + GRACE
    for part in started:
        try:
            part.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()
