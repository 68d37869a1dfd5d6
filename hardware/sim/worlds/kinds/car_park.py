"""A car park: bays in rows, hedged islands, a shop or two, walls between the lots."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.built import block
from cairn.hardware.sim.worlds.plots.green import grove
from cairn.hardware.sim.worlds.plots.paved import lane, parking, square
from cairn.hardware.sim.worlds.site import Site

SIZE = (66.0, 92.0)
FENCES = ("hedge", "concrete", "mesh", "brick", "hoarding", "sheet", "slats", "hedge")
LANDMARKS = (
    "kiosk",
    "billboard",
    "bus_stop",
    "phone_box",
    "clock",
    "sculpture",
    "tent",
    "water_tower",
    "rocks",
)


def build(builder: WorldBuilder) -> Site:
    """Lay out the car park; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.78, small=12)
    rng = site.rng
    site.enclose()
    site.backdrop("shop", 8, 12)
    cells, lanes = site.cut(largest=30, smallest=13, gap=(4.5, 6.5), ring=0.4)
    for strip in lanes:
        lane(site, strip, str(rng.choice(["asphalt", "asphalt", "concrete"])))
    fillers = ["parking", "parking", "shop", "parking", "square", "parking", "parking", "shop", "grove"]
    shift = int(rng.integers(len(fillers)))
    for number, cell in enumerate(cells):
        filler = fillers[(number + shift) % len(fillers)]
        if filler == "shop":
            block(site, cell.inset(0.3), "shop", (4, 8), longest=22)
        elif filler == "square":
            square(site, cell)
        elif filler == "grove":
            grove(site, cell)
        else:
            if rng.random() < 0.6:
                site.fence(cell.inset(0.15), site.some_gates(cell, 3), width=(2.2, 4.0))
            parking(site, cell.inset(0.5))
    site.obstruct(lanes, (15, 24), 0.35, (1.2, 2.1))
    for strip in lanes:
        if rng.random() < 0.6:
            site.landmark(strip.inset(0.2))
    return site
