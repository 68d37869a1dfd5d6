"""The page's files and its WebSocket, for browsers that were meant to come here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from itertools import count

from aiohttp import WSCloseCode, web

from cairn.monitor.errors import PageRefused
from cairn.monitor.exchange import Exchange
from cairn.monitor.page_connection import PageConnection
from cairn.monitor.page_messages import LARGEST_MESSAGE
from cairn.monitor.same_host import SameHost

HEARTBEAT = 5.0
"""How often a silent page is asked whether it is there [s]."""

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """An aiohttp application; it lives in one event loop.

    Attributes:
        application: to be run by an `aiohttp.web.AppRunner`.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._same_host = SameHost(exchange.settings.hosts)
        self._pages: dict[PageConnection, web.WebSocketResponse] = {}
        self._numbers = count(1)
        self._encoder = ThreadPoolExecutor(1, "jpeg")
        self._files = _page_files()
        self.application = web.Application(middlewares=[self._guard], client_max_size=LARGEST_MESSAGE)
        self.application.router.add_get("/socket", self._on_socket)
        self.application.router.add_get("/{name:[a-z_.]*}", self._on_file)
        self.application.on_shutdown.append(self._on_shutdown)

    def wake_pages(self) -> None:
        """There is a new picture; from the event loop's thread."""
        for page in self._pages:
            page.wake()

    def _refresh_pages(self) -> None:
        for page in self._pages:
            page.refresh()

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            self._same_host.check(request.headers)
        except PageRefused as error:
            self._exchange.refused["other site"] += 1
            return web.Response(status=403, text=str(error), headers=_HEADERS)
        return await handler(request)

    async def _on_file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"] or "index.html"
        if name not in self._files:
            return web.Response(status=404, text=f"there is no {name} here", headers=_HEADERS)
        kind, data = self._files[name]
        return web.Response(body=data, content_type=kind, charset="utf-8", headers=_HEADERS)

    async def _on_socket(self, request: web.Request) -> web.StreamResponse:
        most = self._exchange.settings.pages
        if len(self._pages) >= most:
            return web.Response(status=503, text=f"{most} pages are open already", headers=_HEADERS)
        socket = web.WebSocketResponse(max_msg_size=LARGEST_MESSAGE, heartbeat=HEARTBEAT, compress=False)
        page = PageConnection(socket, self._exchange, next(self._numbers), self._encoder, self._refresh_pages)
        self._pages[page] = socket
        try:
            await socket.prepare(request)
            await page.run()
        finally:
            del self._pages[page]
        return socket

    async def _on_shutdown(self, _: web.Application) -> None:
        for socket in list(self._pages.values()):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the monitor shuts down")
        self._encoder.shutdown(wait=False)


def _page_files() -> dict[str, tuple[str, bytes]]:
    """Type and content by name: read once, so that no request ever names a path."""
    folder = resources.files("cairn.monitor").joinpath("web")
    return {
        file.name: (_TYPES["." + file.name.rpartition(".")[2]], file.read_bytes())
        for file in folder.iterdir()
        if "." + file.name.rpartition(".")[2] in _TYPES
    }
