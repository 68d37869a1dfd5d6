"""The web server in a thread of its own, with its own event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from functools import partial

from aiohttp import web

from cairn.monitor.errors import MonitorError
from cairn.monitor.exchange import Exchange
from cairn.monitor.web_server import WebServer

_GOODBYE = 1.0
"""How long pages have to take their leave at the end [s]."""


class ServerThread:
    """Serves the page until `stop`.

    Args:
        exchange: what the pages show and what they ask for.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._thread = threading.Thread(target=self._run, name="web server", daemon=True)
        self._started: Future[int] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None

    def start(self) -> int:
        """Begin to serve; returns the port.  Raises MonitorError when the address can't be had."""
        self._thread.start()
        return self._started.result()

    def stop(self) -> None:
        """Close every page and end the thread.  Safe to call twice, or without a start."""
        if self._loop is not None and self._ending is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(_GOODBYE + 2.0)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._started.done():
                raise
            # Whatever it is, `start` waits for it.
            settings = self._exchange.settings
            reason = getattr(error, "strerror", None) or error
            self._started.set_exception(
                MonitorError(f"can't listen at {settings.address}:{settings.port}: {reason}")
            )

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        settings = self._exchange.settings
        server = WebServer(self._exchange)
        # No access log: nothing that a browser sends may end in a file.
        runner = web.AppRunner(server.application, access_log=None, shutdown_timeout=_GOODBYE)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.address, settings.port)
            await site.start()
            self._exchange.camera.on_new = partial(self._loop.call_soon_threadsafe, server.wake_pages)
            self._started.set_result(runner.addresses[0][1])
            await self._ending.wait()
        finally:
            self._exchange.camera.on_new = lambda: None
            await runner.cleanup()
