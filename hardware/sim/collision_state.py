"""What the RECON data set labels while collecting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CollisionState:
    """`physical`: touches an obstacle; `close`: one nearer than 0.15 m to the hull; `stuck`: commanded to
    move for two seconds without moving; `flipped`: tilted by more than 60 degrees; `outside_geofence`:
    beyond the world's bounds; `obstacle`: name of the geom touched, empty for none."""

    physical: bool = False
    close: bool = False
    stuck: bool = False
    flipped: bool = False
    outside_geofence: bool = False
    obstacle: str = ""

    @property
    def any(self) -> bool:
        return self.physical or self.close or self.stuck or self.flipped or self.outside_geofence
