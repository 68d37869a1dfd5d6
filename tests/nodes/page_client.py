"""A page without a browser."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
from monitor_rig import PATIENCE


class Page:
    """Says and hears what the page does."""

    def __init__(self, socket):
        self.socket = socket
        self.beat = 0

    async def say(self, type_, **fields):
        await self.socket.send_str(json.dumps({"type": type_, **fields}))

    async def hear(self, kind, matching=lambda message: True):
        while True:
            message = await self.socket.receive(PATIENCE)
            if message.type is aiohttp.WSMsgType.BINARY:
                if kind == "picture":
                    return message.data
                continue
            assert message.type is aiohttp.WSMsgType.TEXT, message
            content = json.loads(message.data)
            self.beat = content.get("beat", self.beat)
            if content["type"] == kind and matching(content):
                return content

    async def take_control(self, token):
        await self.say("sign_in", token=token, name="Ada")
        await self.say("take")
        await self.hear("beat")

    async def hold(self, seconds, until=lambda: False, **hands):
        """Send hands at 20 Hz, answering the robot's beats."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            await self.hear("beat")
            await self.say(
                "hands",
                **({"forward": 0.0, "turn": 0.0, "deadman": False, "turbo": False} | hands),
                beat=self.beat,
            )


def visit(rig, script):
    """Run a coroutine function that gets an open page of the rig's monitor."""

    async def run():
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{rig.url}socket") as socket:
            await script(Page(socket))

    asyncio.run(run())
