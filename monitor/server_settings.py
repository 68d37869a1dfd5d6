"""How the page is served."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.setting import check_settings, setting


@dataclass(frozen=True)
class ServerSettings:
    """Address, access and pace of the page; all are fixed while it is served.  Raises InvalidSetting."""

    address: str = setting(
        "address to listen at; 0.0.0.0: every network of this machine", "127.0.0.1", fixed=True
    )
    port: int = setting("TCP port; 0: any free one", 8480, minimum=0, maximum=65535, fixed=True)
    hosts: tuple[str, ...] = setting(
        "names that the page may be asked for by, besides this machine's name and addresses", (), fixed=True
    )
    control: bool = setting(
        "whether a page may drive, label episodes and stop the robot; if not, it only shows",
        False,
        fixed=True,
    )
    token_file: str = setting(
        "file of mode 600 whose first line is the token for control; empty: a random one, printed at start",
        "",
        fixed=True,
    )
    deadman_timeout: float = setting(
        "silence of a page that releases its deadman [s]", 0.2, minimum=0.1, maximum=0.5, fixed=True
    )
    longest_delay: float = setting(
        "round trip between page and robot beyond which the page can't drive [s]",
        0.5,
        minimum=0.05,
        maximum=2.0,
        fixed=True,
    )
    pages: int = setting("pages that may be open at a time", 12, minimum=1, maximum=100, fixed=True)
    picture_width: int = setting(
        "widest picture that is sent [pixels]", 640, minimum=64, maximum=1920, fixed=True
    )
    picture_quality: int = setting("of the JPEG pictures", 70, minimum=10, maximum=95, fixed=True)
    picture_rate: float = setting(
        "most pictures a second; a slow page gets fewer", 15.0, minimum=0.5, maximum=60.0, fixed=True
    )

    def __post_init__(self) -> None:
        check_settings(self)
