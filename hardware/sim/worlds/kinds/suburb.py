"""A suburb: streets with parked cars, houses with gardens, side passages, a small green."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.built import houses
from cairn.hardware.sim.worlds.plots.green import lawn
from cairn.hardware.sim.worlds.plots.paved import lane
from cairn.hardware.sim.worlds.site import Site

SIZE = (66.0, 92.0)
FENCES = ("hedge", "hedge", "boards", "slats", "palisade", "brick", "stone")
LANDMARKS = (
    "statue",
    "phone_box",
    "bus_stop",
    "playground",
    "rocks",
    "gazebo",
    "billboard",
    "sculpture",
    "kiosk",
)


def build(builder: WorldBuilder) -> Site:
    """Lay out the suburb; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.45, small=8)
    rng = site.rng
    site.enclose()
    site.backdrop("house", 8, 14)
    cells, lanes = site.cut(largest=33, smallest=15, gap=(5.6, 7.6), ring=0.3)
    green = int(rng.integers(len(cells)))
    for strip in lanes:
        lane(site, strip, "asphalt")
    for number, cell in enumerate(cells):
        if number == green and len(cells) > 2:
            lawn(site, cell, 9)
        else:
            houses(site, cell)
    site.obstruct(lanes, (17, 26), 0.35, (1.3, 2.0))
    for strip in lanes:
        if rng.random() < 0.7:
            site.landmark(strip.inset(0.3))
    return site
