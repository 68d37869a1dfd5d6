"""The server by itself: a real port, real WebSockets, no robot."""

import asyncio
import contextlib
import json
import struct
import threading
import time

import aiohttp
import cv2
import numpy as np
import pytest

from cairn.monitor.errors import MonitorError
from cairn.monitor.exchange import Exchange
from cairn.monitor.hands import Hands
from cairn.monitor.server_settings import ServerSettings
from cairn.monitor.server_thread import ServerThread

PATIENCE = 30.0
PICTURE = np.full((480, 800, 3), (200, 40, 90), np.uint8)


class Served:
    """A server in its thread, and the robot's side of the exchange."""

    def __init__(self, **settings):
        self.exchange = Exchange(ServerSettings(port=0, **settings), "jackal")
        self.server = ServerThread(self.exchange)
        self.port = self.server.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self):
        return self.exchange.token.reveal()


class Page:
    """What a browser says and hears."""

    def __init__(self, socket):
        self.socket = socket
        self.beat = 0

    async def say(self, type_, **fields):
        await self.socket.send_str(json.dumps({"type": type_, **fields}))

    async def hear(self, type_, matching=lambda message: True):
        """The next message of a kind; reads over the others."""
        while True:
            message = await self.socket.receive(PATIENCE)
            assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
            if message.type is aiohttp.WSMsgType.BINARY:
                if type_ == "picture":
                    return message.data
                continue
            content = json.loads(message.data)
            self.beat = content.get("beat", self.beat)
            if content["type"] == type_ and matching(content):
                return content

    async def pictures_until_state(self):
        """The numbers of the pictures that come before the next state."""
        numbers = []
        while True:
            message = await self.socket.receive(PATIENCE)
            if message.type is aiohttp.WSMsgType.BINARY:
                numbers.append(struct.unpack(">II", message.data[:8])[0])
            elif json.loads(message.data)["type"] == "state":
                return numbers

    async def closing(self):
        """The code with which the server closes."""
        while not self.socket.closed:
            await self.socket.receive(PATIENCE)
        return self.socket.close_code

    async def take_control(self, token, name=""):
        await self.say("sign_in", token=token, name=name)
        await self.say("take")
        await self.hear("state", lambda state: state["control"]["yours"])
        await self.hear("beat")

    async def hands(self, deadman, forward=0.0, turn=0.0):
        await self.say("hands", forward=forward, turn=turn, deadman=deadman, turbo=False, beat=self.beat)


@pytest.fixture
def serve():
    made = []

    def start(**settings):
        made.append(Served(**settings))
        return made[-1]

    yield start
    for served in made:
        served.server.stop()


def visit(served, *scripts, headers=None):
    """Run one coroutine function per page, each with its own connection, one after the other's start."""

    async def run():
        async with aiohttp.ClientSession() as session:
            pages = [Page(await session.ws_connect(f"{served.url}/socket", headers=headers)) for _ in scripts]
            await asyncio.gather(*(script(page) for script, page in zip(scripts, pages, strict=True)))

    asyncio.run(run())


async def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


def fetch(url, **headers):
    async def get():
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
            return response.status, dict(response.headers), await response.text()

    return asyncio.run(get())


def test_the_page_is_served_whole_and_nothing_else(serve):
    served = serve()
    status, headers, page = fetch(f"{served.url}/")

    assert status == 200
    assert "default-src 'none'; script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "://" not in page  # everything comes from here
    for name, kind in (
        ("main.js", "text/javascript"),
        ("style.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
    ):
        status, headers, _ = fetch(f"{served.url}/{name}")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, kind)
    for path in ("/nothing.js", "/../web_server.py", "/%2e%2e/web_server.py", "/..%2fweb_server.py"):
        assert fetch(served.url + path)[0] == 404, path


def test_another_site_gets_neither_page_nor_socket(serve):
    served = serve()
    status, _, text = fetch(f"{served.url}/", Host="evil.example")
    assert (status, "host 'evil.example' is not known here" in text) == (403, True)

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        visit(served, lambda page: None, headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403
    assert served.exchange.refused["other site"] == 2


def test_a_page_sees_state_path_and_pictures(serve):
    served = serve()
    exchange = served.exchange
    exchange.state.put("gate", {"state": "stopped", "reason": "camera silent"}, time.monotonic() - 1.0)
    exchange.path.add(1.0, 2.0)

    async def look(page):
        state = await page.hear("state")
        assert state["robot"] == "jackal"
        assert state["panels"]["gate"]["reason"] == "camera silent"
        assert 1.0 <= state["panels"]["gate"]["age"] < 1.0 + PATIENCE
        assert state["control"]["enabled"] is False
        path = await page.hear("path")
        assert (path["start"], path["points"]) == (0, [[1.0, 2.0]])

        await until(lambda: exchange.camera.watchers == 1)
        exchange.camera.put(PICTURE, time.monotonic())
        data = await page.hear("picture")
        number, age = struct.unpack(">II", data[:8])
        assert (number, age < 1000 * PATIENCE) == (1, True)
        shown = cv2.imdecode(np.frombuffer(data[8:], np.uint8), cv2.IMREAD_COLOR_RGB)
        assert shown.shape == (384, 640, 3)
        assert np.abs(shown.astype(int) - PICTURE[:384, :640]).max() < 12

    visit(served, look)


def test_a_page_gets_the_graph_it_has_not_seen_and_no_other(serve):
    served = serve()
    graph = served.exchange.graph
    graph.put({"places": [1, 2]})
    graph.put({"places": [1, 2, 3, 4]})

    async def look(page):
        assert (await page.hear("graph"))["places"] == [1, 2, 3, 4]
        kinds = []
        while kinds.count("state") < 3:
            kinds.append(json.loads((await page.socket.receive(PATIENCE)).data)["type"])
        assert "graph" not in kinds
        graph.put({"places": []})
        assert (await page.hear("graph"))["places"] == []

    async def be_late(page):
        await page.hear("state")
        assert "places" in await page.hear("graph")

    visit(served, look, be_late)


def test_a_page_that_shows_nothing_gets_no_more_than_two_pictures_and_then_the_newest(serve):
    served = serve()
    camera = served.exchange.camera

    async def look(page):
        await page.hear("state")
        numbers = []
        for _ in range(6):
            camera.put(PICTURE, time.monotonic())
            # Two states later a picture that was to come has come.
            for _ in range(2):
                numbers += await page.pictures_until_state()
        assert numbers == [1, 2]
        await page.say("shown", frame=2)
        assert struct.unpack(">II", (await page.hear("picture"))[:8])[0] == 6

    visit(served, look)


def test_a_page_that_takes_nothing_holds_up_neither_others_nor_the_robot(serve):
    served = serve()
    camera = served.exchange.camera
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)

    async def never_read(page):
        # Acknowledges everything and reads nothing: its socket fills up.
        for number in range(200):
            await page.say("shown", frame=number)
            await asyncio.sleep(0.02)

    async def watch(page):
        for number in range(1, 60):
            before = time.monotonic()
            camera.put(noise, before)
            assert time.monotonic() - before < 0.1
            await page.hear("picture")
            await page.say("shown", frame=number)

    visit(served, never_read, watch)


def test_a_read_only_server_refuses_every_hand(serve):
    served = serve()

    async def try_it(page):
        for message in (
            {"type": "take"},
            {"type": "stop"},
            {"type": "arm"},
            {"type": "sign_in", "token": "x"},
        ):
            await page.socket.send_str(json.dumps(message))
            error = await page.hear("error")
            assert error["message"] == "this page is read-only: the monitor was started without control"
        await page.hands(True, 1.0)
        await page.hear("error")
        assert served.exchange.desk.hands(time.monotonic()) is None

    visit(served, try_it)


def test_control_needs_the_token_and_three_wrong_ones_close_the_page(serve):
    served = serve(control=True)

    async def guess(page):
        await page.say("take")
        assert (await page.hear("error"))["message"] == "control needs the token: sign in first"
        for guessed in ("", served.token[:-1]):
            await page.say("sign_in", token=guessed)
            assert "the token is wrong" in (await page.hear("error"))["message"]
        await page.say("sign_in", token="guess")
        assert await page.closing() == aiohttp.WSCloseCode.POLICY_VIOLATION

    visit(served, guess)
    assert served.exchange.refused["wrong token"] == 3
    assert served.exchange.desk.holder is None


def test_hands_reach_the_desk_and_go_when_the_page_goes(serve):
    served = serve(control=True)
    desk = served.exchange.desk

    async def drive(page):
        await page.take_control(served.token, "Ada")
        await page.hands(False)
        await page.hands(True, 0.5, -0.25)
        await until(lambda: desk.hands(time.monotonic()) == Hands(0.5, -0.25, deadman=True))
        assert desk.holder.name == "Ada"
        left = time.monotonic()
        await page.socket.close()
        await until(lambda: desk.hands(time.monotonic()) == Hands(lost=True))
        assert time.monotonic() - left < 0.15
        await until(lambda: desk.holder is None)

    visit(served, drive)


def test_a_page_that_falls_silent_lets_go_within_a_fifth_of_a_second(serve):
    served = serve(control=True)
    desk = served.exchange.desk

    async def drive(page):
        await page.take_control(served.token)
        await page.hands(False)
        await page.hands(True, 1.0)
        await until(lambda: desk.obstacle(time.monotonic()) is None)
        silent_since = time.monotonic()
        await until(lambda: desk.hands(time.monotonic()) == Hands(lost=True))
        assert time.monotonic() - silent_since < 0.3
        state = await page.hear("state", lambda state: state["control"]["obstacle"] is not None)
        assert state["control"]["obstacle"].startswith("deadman switch silent for 0.")
        assert state["control"]["yours"]

    visit(served, drive)


def test_a_second_page_waits_for_the_first_to_let_go(serve):
    served = serve(control=True)
    told = []

    async def both():
        async with aiohttp.ClientSession() as session:
            ada, bob = [Page(await session.ws_connect(f"{served.url}/socket")) for _ in range(2)]
            await ada.take_control(served.token, "Ada")
            await ada.hands(False)
            await ada.hands(True, 0.3)
            await bob.say("sign_in", token=served.token, name="Bob")
            await until(lambda: served.exchange.desk.obstacle(time.monotonic()) is None)
            await ada.hands(True, 0.3)
            await bob.say("take")
            told.append((await bob.hear("error"))["message"])
            state = await bob.hear("state", lambda state: state["control"]["holder"] == "Ada")
            assert not state["control"]["yours"]

            await ada.hands(False)
            await until(lambda: served.exchange.desk.obstacle(time.monotonic()) is not None)
            await bob.say("take")
            await bob.hear("state", lambda state: state["control"]["yours"])
            await ada.hear("state", lambda state: state["control"]["holder"] == "Bob")
            await ada.hands(True, 1.0)
            told.append((await ada.hear("error"))["message"])

    asyncio.run(both())
    assert told == [
        "Ada is driving; ask again once the deadman is released",
        "these hands don't have control: Bob has it",
    ]


def test_bad_messages_are_answered_counted_and_release_nothing_they_should_not(serve):
    served = serve(control=True)
    refused = served.exchange.refused

    async def babble(page):
        await page.take_control(served.token)
        for text in ("{", '{"type": "hands", "forward": NaN}', '{"type": "fly"}'):
            await page.socket.send_str(text)
            assert (await page.hear("error"))["message"]
        await page.socket.send_bytes(b"\x00")
        assert (await page.hear("error"))["message"] == "message: expected JSON text, got BINARY"
        assert refused["bad message"] == 4
        assert served.exchange.desk.holder is not None
        for _ in range(40):
            await page.socket.send_str("[]")
        assert await page.closing() == aiohttp.WSCloseCode.POLICY_VIOLATION
        await until(lambda: served.exchange.desk.holder is None)

    visit(served, babble)


def test_an_oversized_message_closes_the_page(serve):
    served = serve(control=True)

    async def shout(page):
        await page.say("sign_in", token="x" * 5000)
        assert await page.closing() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await until(lambda: served.exchange.refused["too big"] == 1)

    visit(served, shout)


def test_a_flood_closes_the_page(serve):
    served = serve()

    async def flood(page):
        with contextlib.suppress(ConnectionError):
            for _ in range(2000):
                await page.say("shown", frame=0)
        assert await page.closing() == aiohttp.WSCloseCode.POLICY_VIOLATION

    visit(served, flood)
    assert served.exchange.refused["too many"] == 1


def test_what_a_page_asks_is_answered_by_the_robots_side(serve):
    served = serve(control=True)
    requests = served.exchange.requests

    def answer():
        deadline = time.monotonic() + PATIENCE
        while (pending := requests.take()) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        asked.append(pending.request)
        pending.answer(True, "episode 000 started")

    async def ask(page):
        await page.say("episode", kind="start", task="to the gate")
        assert "sign in first" in (await page.hear("error"))["message"]
        await page.say("sign_in", token=served.token, name="Ada")
        await page.say("arm")
        assert (await page.hear("error"))["message"] == "arming needs control: take it first"
        await page.say("episode", kind="start", task="to the gate")
        reply = await page.hear("answer")
        assert (reply["to"], reply["success"], reply["message"]) == ("start", True, "episode 000 started")

    asked = []
    robot = threading.Thread(target=answer)
    robot.start()
    visit(served, ask)
    robot.join(PATIENCE)
    assert (asked[0].kind, asked[0].task, asked[0].operator_name) == ("start", "to the gate", "Ada")


def test_only_so_many_pages_are_let_in(serve):
    served = serve(pages=1)

    async def first(page):
        await page.hear("state")
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{served.url}/socket")
        assert refused.value.status == 503

    visit(served, first)


def test_an_address_in_use_is_an_error_in_words(serve):
    served = serve()
    with pytest.raises(MonitorError, match=f"can't listen at 127.0.0.1:{served.port}: "):
        ServerThread(Exchange(ServerSettings(port=served.port), "")).start()
