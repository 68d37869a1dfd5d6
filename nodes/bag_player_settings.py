"""What the bag player can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting
from cairn.nodes.single_instance import DISCOVERY_TIME

_LAST = 2**63 - 1


@dataclass(frozen=True)
class BagPlayerSettings:
    """All fixed while it plays; pausing is a service.  Raises InvalidSetting."""

    bag: str = setting("the bag's directory, or one .mcap file", fixed=True)
    rate: float = setting("recorded seconds a second", 1.0, minimum=0.01, maximum=100.0, fixed=True)
    begin: int = setting("log time of the first message [ns]", 0, minimum=0, maximum=_LAST, fixed=True)
    end: int = setting("log time of the last message [ns]", _LAST, minimum=0, maximum=_LAST, fixed=True)
    loop: bool = setting("begin again at the end", False, fixed=True)
    paused: bool = setting(
        "wait for replay/pause or the space key before the first message", False, fixed=True
    )
    delay: float = setting(
        "time to find those who listen, and other clocks, before the first message [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=60.0,
        fixed=True,
    )
    topics: tuple[str, ...] = setting(
        "names or patterns with * and ?; relative ones in any namespace of the bag", ("*",), fixed=True
    )
    exclude: tuple[str, ...] = setting("names or patterns not to publish", (), fixed=True)
    remap: tuple[str, ...] = setting("old:=new, each of a topic or of a namespace", (), fixed=True)
    publish_commands: tuple[str, ...] = setting(
        "names of topics to publish although they can move hardware; no patterns", (), fixed=True
    )
    clock_rate: float = setting(
        "/clock messages a second of real time; 0: none", 100.0, minimum=0.0, maximum=100.0, fixed=True
    )
    report: str = setting("file for the figures of the playback as JSON; empty: none", "", fixed=True)

    def __post_init__(self) -> None:
        check_settings(self)
