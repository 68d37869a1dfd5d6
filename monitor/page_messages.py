"""What a page may say, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cairn.monitor.errors import PageRefused

LARGEST_MESSAGE = 4096
"""Bytes of a message from a page."""

EPISODE_KINDS = ("start", "keep", "discard", "success", "failure", "intervention", "mark")

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_Share = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SignIn(_Message):
    """The token that allows control, and the person's name."""

    type: Literal["sign_in"]
    token: Annotated[str, Field(max_length=256)]
    name: Annotated[str, Field(max_length=40, pattern=_PRINTABLE)] = ""


class Take(_Message):
    """Ask for control."""

    type: Literal["take"]


class Release(_Message):
    """Give control back."""

    type: Literal["release"]


class Move(_Message):
    """The hands, and the last beat [ms] that the page has seen of the server."""

    type: Literal["hands"]
    forward: _Share
    turn: _Share
    deadman: bool
    turbo: bool
    beat: _Count


class ArmMove(_Message):
    """The hands that move an arm, and the last beat [ms] that the page has seen of the server."""

    type: Literal["arm_hands"]
    linear: Annotated[list[_Share], Field(min_length=3, max_length=3)]
    angular: Annotated[list[_Share], Field(min_length=3, max_length=3)]
    opening: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)] | None = None
    clutch: bool
    beat: _Count


class Lost(_Message):
    """The page can't see the hands any more that held the deadman."""

    type: Literal["lost"]


class Stop(_Message):
    """The emergency stop."""

    type: Literal["stop"]


class Arm(_Message):
    """Release the latches of the base's gate or of the arm's."""

    type: Literal["arm"]
    gate: Literal["base", "arm"] = "base"


class Label(_Message):
    """Say something about an episode."""

    type: Literal["episode"]
    kind: Literal["start", "keep", "discard", "success", "failure", "intervention", "mark"]
    task: Annotated[str, Field(max_length=200, pattern=_PRINTABLE)] = ""
    note: Annotated[str, Field(max_length=500, pattern=_PRINTABLE)] = ""


class Shown(_Message):
    """A picture is on the screen: the next may come."""

    type: Literal["shown"]
    frame: _Count


PageMessage = SignIn | Take | Release | Move | ArmMove | Lost | Stop | Arm | Label | Shown
_ANY: TypeAdapter[PageMessage] = TypeAdapter(Annotated[PageMessage, Field(discriminator="type")])


def read_page_message(text: str) -> PageMessage:
    """The message in a JSON text.  Raises PageRefused that names the field, what is valid and what came."""
    try:
        return _ANY.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        # A discriminated union puts the kind of message before the field.
        place = ".".join(str(part) for part in first["loc"][1:]) or "message"
        # The token must not come back in an answer or a log.
        got = "" if place == "token" or first["type"] == "missing" else f", got {_short(first['input'])}"
        raise PageRefused(f"{place}: {first['msg']}{got}") from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
