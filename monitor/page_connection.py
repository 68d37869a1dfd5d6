"""One open page: what it says, and what it is shown."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from cairn.monitor.errors import PageRefused
from cairn.monitor.exchange import Exchange
from cairn.monitor.hands import HandMotion, Hands
from cairn.monitor.message_budget import MessageBudget
from cairn.monitor.page_messages import (
    Arm,
    ArmMove,
    Label,
    Lost,
    Move,
    PageMessage,
    Release,
    Shown,
    SignIn,
    Stop,
    Take,
    read_page_message,
)
from cairn.monitor.request_line import ArmRequest, EpisodeRequest
from cairn.monitor.visitor import Visitor

BEAT_PERIOD = 0.05
STATE_PERIOD = 0.2
MESSAGE_RATE, MESSAGE_BURST = 150.0, 300.0
"""A page that drives and watches sends about 40 messages a second."""
REFUSED_RATE, REFUSED_BURST = 0.5, 20.0
"""What a page may get wrong in passing, such as a few hands after it lost control."""
MOST_WRONG_TOKENS = 3
IN_FLIGHT = 2
"""Pictures on the way to a page that it has not shown yet."""


class PageConnection:
    """Reads a page's messages and sends it the newest of everything, never more than it can take.

    Args:
        socket: the open WebSocket.
        exchange: the robot's side.
        number: tells this page from others.
        encoder: where pictures are made JPEGs, one at a time.
        on_control: called when control changes hands, so that every page learns of it at once.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        exchange: Exchange,
        number: int,
        encoder: Executor,
        on_control: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._exchange = exchange
        self._visitor = Visitor(number, f"page {number}")
        self._encoder = encoder
        self._on_control = on_control
        self._budget = MessageBudget(MESSAGE_RATE, MESSAGE_BURST)
        self._signed_in = False
        self._patience = MessageBudget(REFUSED_RATE, REFUSED_BURST)
        self._wrong_tokens = 0
        self._request: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._state_due = 0.0
        self._beat_due = 0.0
        self._path_seen = (-1, 0)
        self._graph_seen = 0
        self._picture_sent = 0
        self._unshown: list[int] = []

    def wake(self) -> None:
        """Something is new."""
        self._wake.set()

    def refresh(self) -> None:
        """Show the state at once."""
        self._state_due = 0.0
        self._wake.set()

    async def run(self) -> None:
        """Until the page goes."""
        camera = self._exchange.camera
        camera.watchers += 1
        sender = asyncio.create_task(self._send())
        try:
            await self._receive()
        finally:
            camera.watchers -= 1
            self._exchange.desk.leave(self._visitor, time.monotonic())
            self._on_control()
            for task in filter(None, (sender, self._request)):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await task

    # What the page says.

    async def _receive(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.ERROR:
                too_big = getattr(message.data, "code", None) == WSCloseCode.MESSAGE_TOO_BIG
                self._exchange.refused["too big" if too_big else "broken"] += 1
                return
            if message.type is not WSMsgType.TEXT:
                await self._refuse(f"message: expected JSON text, got {message.type.name}")
                continue
            if not self._budget.spend(time.monotonic()):
                self._exchange.refused["too many"] += 1
                await self._close(f"more than {MESSAGE_RATE:.0f} messages a second")
                return
            try:
                await self._obey(read_page_message(message.data))
            except PageRefused as error:
                await self._refuse(str(error))

    async def _obey(self, message: PageMessage) -> None:
        now = time.monotonic()
        desk = self._exchange.desk
        if isinstance(message, Shown):
            self._unshown = [number for number in self._unshown if number > message.frame]
            self._wake.set()
            return
        if self._exchange.token is None:
            raise PageRefused("this page is read-only: the monitor was started without control")
        if isinstance(message, Stop):
            desk.press_stop(now)
            self._on_control()
        elif isinstance(message, SignIn):
            await self._sign_in(message)
        elif not self._signed_in:
            raise PageRefused("control needs the token: sign in first")
        elif isinstance(message, Take):
            desk.take(self._visitor, now)
            self._on_control()
        elif isinstance(message, Release):
            desk.leave(self._visitor, now)
            self._on_control()
        elif isinstance(message, Move):
            hands = Hands(message.forward, message.turn, message.deadman, message.turbo)
            desk.move(self._visitor, hands, now - message.beat / 1000, now)
        elif isinstance(message, ArmMove):
            x, y, z = message.linear
            roll, pitch, yaw = message.angular
            motion = HandMotion((x, y, z), (roll, pitch, yaw), message.opening)
            hands = Hands(deadman=message.clutch, hand=motion)
            desk.move(self._visitor, hands, now - message.beat / 1000, now)
        elif isinstance(message, Lost):
            desk.lose(self._visitor, now)
        elif isinstance(message, Arm):
            if desk.holder != self._visitor:
                raise PageRefused("arming needs control: take it first")
            self._ask("arm", ArmRequest(message.gate))
        else:
            self._label(message)

    def _label(self, message: Label) -> None:
        request = EpisodeRequest(message.kind, message.task, message.note, self._visitor.name)
        self._ask(message.kind, request)

    async def _sign_in(self, message: SignIn) -> None:
        token = self._exchange.token
        if token is None or not token.matches(message.token):
            self._wrong_tokens += 1
            self._exchange.refused["wrong token"] += 1
            if self._wrong_tokens >= MOST_WRONG_TOKENS:
                await self._close("too many wrong tokens")
                return
            raise PageRefused("the token is wrong; the monitor printed it when it started")
        self._signed_in = True
        if message.name.strip():
            self._exchange.desk.leave(self._visitor, time.monotonic())
            self._visitor = Visitor(self._visitor.number, message.name.strip())
        self.refresh()

    def _ask(self, what: str, request: EpisodeRequest | ArmRequest) -> None:
        """Ask the robot's side, while the hands go on."""
        if self._request is not None and not self._request.done():
            raise PageRefused("the last request has no answer yet")
        self._request = asyncio.create_task(self._answer(what, request))

    async def _answer(self, what: str, request: EpisodeRequest | ArmRequest) -> None:
        answer = await self._exchange.requests.ask(request)
        await self._say({"type": "answer", "to": what, "success": answer.success, "message": answer.message})

    async def _refuse(self, why: str) -> None:
        self._exchange.refused["bad message"] += 1
        await self._say({"type": "error", "message": why})
        if not self._patience.spend(time.monotonic()):
            await self._close("too many refused messages")

    async def _close(self, why: str) -> None:
        await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=why.encode())

    # What the page is shown.

    async def _send(self) -> None:
        """One thing after the other: a page that is slow to take them delays nobody but itself."""
        with contextlib.suppress(ConnectionError):
            while not self._socket.closed:
                now = time.monotonic()
                if self._exchange.desk.holder == self._visitor and now >= self._beat_due:
                    self._beat_due = now + BEAT_PERIOD
                    await self._say({"type": "beat", "beat": int(1000 * now)})
                if now >= self._state_due:
                    self._state_due = now + STATE_PERIOD
                    await self._say(self._state(now))
                    await self._send_path()
                    await self._send_graph()
                await self._send_picture()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), BEAT_PERIOD / 2)
                self._wake.clear()

    def _state(self, now: float) -> dict[str, Any]:
        exchange = self._exchange
        desk = exchange.desk
        holder = desk.holder
        yours = holder == self._visitor
        return {
            "type": "state",
            "robot": exchange.robot,
            "panels": exchange.state.snapshot(now),
            "control": {
                "enabled": exchange.token is not None,
                "signed_in": self._signed_in,
                "holder": None if holder is None else holder.name,
                "yours": yours,
                "obstacle": desk.obstacle(now),
                "delay": round(desk.delay, 3) if yours else None,
            },
        }

    async def _send_path(self) -> None:
        epoch, count = self._path_seen
        part = self._exchange.path.part(epoch, count)
        seen = (part.epoch, part.start + len(part.points))
        if seen == (epoch, count):
            return
        self._path_seen = seen
        await self._say({"type": "path", "start": part.start, "points": part.points})

    async def _send_graph(self) -> None:
        newest = self._exchange.graph.newer_than(self._graph_seen)
        if newest is not None:
            self._graph_seen, text = newest
            await self._socket.send_str(text)

    async def _send_picture(self) -> None:
        picture = self._exchange.camera.newest
        if picture is None or picture.number <= self._picture_sent:
            return
        if len(self._unshown) >= IN_FLIGHT:
            return
        loop = asyncio.get_running_loop()
        data = await loop.run_in_executor(self._encoder, self._exchange.camera.jpeg, picture)
        age = max(0, int(1000 * (time.monotonic() - picture.arrived)))
        self._picture_sent = picture.number
        self._unshown.append(picture.number)
        await self._socket.send_bytes(struct.pack(">II", picture.number, age) + data)

    async def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json(message)
