"""An industrial yard: sheds, container stacks, tank farms, fenced stores."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.built import block, courtyard
from cairn.hardware.sim.worlds.plots.paved import lane, parking
from cairn.hardware.sim.worlds.plots.yards import containers, store, tanks
from cairn.hardware.sim.worlds.site import Site

SIZE = (70.0, 96.0)
FENCES = ("mesh", "mesh", "sheet", "concrete", "hoarding", "brick", "palisade")
LANDMARKS = ("water_tower", "silo", "billboard", "kiosk", "tent", "water_tower", "rocks", "clock")


def build(builder: WorldBuilder) -> Site:
    """Lay out the yard; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.5, small=14)
    rng = site.rng
    site.enclose((1.9, 2.8))
    site.backdrop("industry", 9, 6)
    cells, lanes = site.cut(largest=29, smallest=13, gap=(3.8, 6.5), ring=0.5)
    for strip in lanes:
        lane(site, strip, str(rng.choice(["asphalt", "concrete", "gravel", "concrete"])))
    fillers = ["containers", "shed", "store", "tanks", "containers", "shed", "store", "court", "parking"]
    order = [str(f) for f in rng.permutation(fillers)]
    for number, cell in enumerate(cells):
        filler = order[number % len(order)]
        if filler == "containers":
            containers(site, cell)
        elif filler == "store":
            store(site, cell)
        elif filler == "tanks":
            tanks(site, cell)
        elif filler == "court":
            courtyard(site, cell, "industry", (4, 8))
        elif filler == "parking":
            parking(site, cell)
        else:
            block(site, cell.inset(0.2), "industry", (5, 10), longest=22)
    site.obstruct(lanes, (15, 24), 0.35, (1.6, 2.3))
    for strip in lanes:
        if rng.random() < 0.5:
            site.landmark(strip.inset(0.2))
    return site
