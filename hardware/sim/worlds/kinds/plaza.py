"""A town centre: narrow alleys, shop fronts, small squares, courtyards, a market."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.built import block, courtyard
from cairn.hardware.sim.worlds.plots.green import lawn
from cairn.hardware.sim.worlds.plots.paved import lane, market, square
from cairn.hardware.sim.worlds.site import Site

SIZE = (62.0, 82.0)
FENCES = ("brick", "stone", "palisade", "hedge", "slats", "hoarding", "concrete")
LANDMARKS = (
    "fountain",
    "statue",
    "obelisk",
    "clock",
    "kiosk",
    "sculpture",
    "phone_box",
    "tent",
    "bus_stop",
    "billboard",
)


def build(builder: WorldBuilder) -> Site:
    """Lay out the town centre; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.2, small=10)
    rng = site.rng
    site.enclose((2.2, 3.2))
    site.backdrop("shop", 14, 4)
    cells, lanes = site.cut(largest=21, smallest=9, gap=(2.6, 5.0), ring=0.6)
    for strip in lanes:
        lane(site, strip, str(rng.choice(["paving", "paving", "tiles", "concrete", "asphalt"])))
    fillers = ["block", "square", "block", "court", "market", "block", "square", "court", "lawn", "block"]
    shift = int(rng.integers(len(fillers)))
    for number, cell in enumerate(cells):
        filler = fillers[(number + shift) % len(fillers)]
        if filler == "square":
            square(site, cell)
        elif filler == "market":
            market(site, cell)
        elif filler == "court":
            courtyard(site, cell, "shop", (5, 11))
        elif filler == "lawn":
            lawn(site, cell, 6)
        else:
            block(site, cell, "shop", (5, 13), longest=13)
    site.obstruct(lanes, (13, 20), 0.4, (1.6, 2.6))
    for strip in lanes:
        if rng.random() < 0.5:
            site.landmark(strip.inset(0.1))
    return site
