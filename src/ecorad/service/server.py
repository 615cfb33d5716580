"""``ecorad serve``: one process that listens, one beside it that works off what came in."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import multiprocessing
import os
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from ecorad.ledger import Workspace
from ecorad.model import InputError, WorkspaceBusyError

from .desk import Desk
from .dicom.node import Node
from .drain import process as draining
from .drain.drainer import METER_WINDOW_S, spool_path
from .drain.publish import FILE as RECEIPTS
from .gate import Gate, is_loopback
from .mllp import MllpListener
from .mqtt import MqttSubscriber
from .quarantine import Quarantine
from .recall import known_steps, seen_messages
from .tls import server_context
from .web.app import Faces, application
from .web.protocol import BoundedProtocol
from .web.readings import Readings
from .web.receipts import ReceiptsPage

_GRACE_S = 5.0
_LOOK_S = 1.0
_WANTED_FILES = 8192


@dataclass(slots=True)
class Running:
    """What a started server knows about itself."""

    desk: Desk
    listeners: list[dict[str, Any]] = field(default_factory=list)
    servers: list[asyncio.Server] = field(default_factory=list)
    counters: list[Callable[[], int]] = field(default_factory=list)

    def add(self, name: str, address: str, count: Callable[[], int]) -> None:
        """One more listener, for the page."""
        self.listeners.append({"name": name, "address": address})
        self.counters.append(count)

    def told(self) -> dict[str, Any]:
        """For the page."""
        rows = [{**one, "received": count()} for one, count in zip(self.listeners, self.counters, strict=True)]
        return {"listeners": rows, "has_room": self.desk.has_room, "failed": self.desk.failed.is_set()}


async def serve(
    workspace: Workspace,
    host: str,
    port: int,
    *,
    ready: Callable[[Running], None] = lambda running: None,
    meter_window_s: float = METER_WINDOW_S,
) -> int:
    """Listen until SIGTERM or Ctrl-C, or until the disk fails.

    Parameters
    ----------
    workspace : Workspace
        The site; its ``[listen]`` says what for.
    host, port : str, int
        Of the web port.
    ready : callable
        Called once everything listens.
    meter_window_s : float
        How long samples of meters are gathered before they become readings. [s]

    Returns
    -------
    int
        0 when told to stop, 3 when the disk failed.

    Raises
    ------
    WorkspaceBusyError
        If another server has this workspace.
    """
    _raise_file_limit()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with sole_server(workspace):
        listen = workspace.site.listen
        desk = Desk(spool_path(workspace), reserve_bytes=round(listen.reserve_mb * 1e6))
        running = Running(desk)
        try:
            async with AsyncExitStack() as last:
                await last.enter_async_context(_drained(workspace, meter_window_s))
                await last.enter_async_context(_web(workspace, running, host, port))
                await _open_listeners(workspace, running)
                _subscribe(workspace, running, last)
                ready(running)
                await _either(stop, desk.failed)
                await _part(running)
        finally:
            desk.close()
        return 3 if desk.failed.is_set() else 0


async def _open_listeners(workspace: Workspace, running: Running) -> None:
    listen, desk = workspace.site.listen, running.desk
    if listen.dicom is not None:
        one = listen.dicom
        node = Node(
            desk,
            ae_title=one.ae_title,
            callers=frozenset(one.callers),
            gate=Gate(one.max_associations, one.max_per_address),
            steps=known_steps(desk.folder / "mpps"),
        )
        running.servers.append(await node.listen(one.host, one.port, server_context(one.tls, workspace.path)))
        running.add("DICOM", f"{one.ae_title} {one.host}:{one.port}", _counted(desk, "dicom-node", "mpps"))
    if listen.mllp is not None:
        mllp = MllpListener(
            desk,
            callers=frozenset(listen.mllp.callers),
            gate=Gate(listen.mllp.max_connections, listen.mllp.max_connections),
            seen=seen_messages(desk.folder / "hl7"),
        )
        tls = server_context(listen.mllp.tls, workspace.path)
        running.servers.append(await mllp.listen(listen.mllp.host, listen.mllp.port, tls))
        running.add("HL7 MLLP", f"{listen.mllp.host}:{listen.mllp.port}", _counted(desk, "hl7"))


def _subscribe(workspace: Workspace, running: Running, last: AsyncExitStack) -> None:
    source = workspace.site.listen.mqtt
    if source is not None:
        mqtt = MqttSubscriber(running.desk, source, workspace.path)
        mqtt.start()
        last.push_async_callback(asyncio.to_thread, mqtt.stop)
        running.add("MQTT", f"{source.host}:{source.port}", _counted(running.desk, "mqtt"))


async def _part(running: Running) -> None:
    """Take no new connections, and give those under way a moment to end their message."""
    for server in running.servers:
        server.close()
    await asyncio.sleep(0.2)
    mine = asyncio.current_task()
    talking = [task for task in asyncio.all_tasks() if task is not mine and _is_connection(task)]
    if talking and not running.desk.failed.is_set():
        await asyncio.wait(talking, timeout=_GRACE_S)
    for task in talking:
        task.cancel()


def _is_connection(task: asyncio.Task[Any]) -> bool:
    return getattr(task.get_coro(), "__qualname__", "") in {Node.serve.__qualname__, MllpListener.serve.__qualname__}


def _counted(desk: Desk, *feeds: str) -> Callable[[], int]:
    return lambda: sum(desk.counts[feed] for feed in feeds)


@asynccontextmanager
async def _web(workspace: Workspace, running: Running, host: str, port: int) -> AsyncIterator[None]:
    """The web port, for as long as the block runs."""
    site = workspace.site
    page = ReceiptsPage(
        spool_path(workspace) / RECEIPTS,
        site=site.name,
        language=site.language,
        zone=site.timezone,
        live=running.told,
    )
    readings = None
    if site.listen.http is not None:
        readings = Readings(running.desk, _token(workspace, host))
    faces = Faces(
        page,
        workspace,
        Quarantine(workspace.quarantine_path, running.desk),
        readings,
        can_change=is_loopback(host),
    )
    hosts = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(host) else ["*"]
    config = uvicorn.Config(
        application(faces, hosts),
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=256,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(_GRACE_S),
    )
    server = _Web(config)
    listening = _bound(host, port)
    task = asyncio.create_task(server.serve([listening]))
    running.add("web", f"http://{host}:{listening.getsockname()[1]}/receipts", _counted(running.desk, "http"))
    try:
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * _GRACE_S):
                await task


class _Web(uvicorn.Server):
    """uvicorn without signal handlers of its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us."""
        yield


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    return found


def _token(workspace: Workspace, host: str) -> str | None:
    http = workspace.site.listen.http
    if http is None or http.token_file is None:
        if not is_loopback(host):
            raise InputError(f"{host} can be reached by others: [listen.http] needs token_file")
        return None
    token = (workspace.path / http.token_file).read_text("utf-8").strip()
    if len(token) < 16:
        raise InputError("the token in token_file must have 16 letters or more")
    return token


@asynccontextmanager
async def _drained(workspace: Workspace, meter_window_s: float) -> AsyncIterator[None]:
    """The process that works off the journal, started again when it dies."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()

    def start() -> Any:
        one = context.Process(
            target=draining.run, args=(str(workspace.path), stop, os.getpid(), meter_window_s), name="drain"
        )
        one.start()
        return one

    child = start()

    async def watch() -> None:
        nonlocal child
        pause = _LOOK_S
        while True:
            await asyncio.sleep(pause)
            if not child.is_alive():
                pause = min(60.0, 2 * pause)
                child = start()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        stop.set()
        await asyncio.to_thread(child.join, 30)
        if child.is_alive():
            child.terminate()


async def _either(*events: asyncio.Event) -> None:
    tasks = [asyncio.create_task(event.wait()) for event in events]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()


@contextmanager
def sole_server(workspace: Workspace) -> Iterator[None]:
    """Be the one server of a workspace; the lock dies with the process."""
    folder = spool_path(workspace)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WorkspaceBusyError("another server is running for this workspace") from None
        yield
    finally:
        os.close(handle)


def _raise_file_limit() -> None:
    """Connections are files: take what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, _WANTED_FILES) if hard != resource.RLIM_INFINITY else _WANTED_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
