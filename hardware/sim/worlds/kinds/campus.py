"""A campus: large halls and courtyards, lawns behind hedges, sports ground, bicycle paths."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.built import block, courtyard
from cairn.hardware.sim.worlds.plots.green import grove, hedge_garden, lawn
from cairn.hardware.sim.worlds.plots.paved import lane, parking, square
from cairn.hardware.sim.worlds.site import Site

SIZE = (70.0, 96.0)
FENCES = ("hedge", "hedge", "hedge", "palisade", "stone", "brick", "concrete", "mesh")
LANDMARKS = (
    "statue",
    "clock",
    "sculpture",
    "kiosk",
    "fountain",
    "obelisk",
    "billboard",
    "rocks",
    "gazebo",
    "bus_stop",
)


def build(builder: WorldBuilder) -> Site:
    """Lay out the campus; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.6, small=7)
    rng = site.rng
    site.enclose()
    site.backdrop("hall", 6, 16)
    cells, lanes = site.cut(largest=27, smallest=13, gap=(3.6, 6.0), ring=0.55)
    for strip in lanes:
        lane(site, strip, str(rng.choice(["paving", "concrete", "gravel", "asphalt", "tiles"])))
    fillers = ["block", "courtyard", "courtyard", "block", "lawn", "garden", "square", "parking", "grove"]
    order = [str(f) for f in rng.permutation(fillers)]
    for number, cell in enumerate(cells):
        filler = order[number % len(order)]
        if filler == "block":
            block(site, cell, "hall", (6, 14), longest=21)
        elif filler == "courtyard":
            courtyard(site, cell, "hall", (5, 12))
        elif filler == "garden":
            hedge_garden(site, cell)
        elif filler == "square":
            square(site, cell)
        elif filler == "parking":
            parking(site, cell)
        elif filler == "grove":
            grove(site, cell)
        else:
            lawn(site, cell, 8)
    site.obstruct(lanes, (15, 24), 0.35, (1.2, 2.0))
    for strip in lanes:
        if rng.random() < 0.6:
            site.landmark(strip.inset(0.2))
    return site
