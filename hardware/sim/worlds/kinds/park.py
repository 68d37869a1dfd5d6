"""A park: rooms of hedge and iron fence, ponds, groves, hedge gardens, pavilions."""

from __future__ import annotations

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.plots.green import grove, hedge_garden, lawn, pond
from cairn.hardware.sim.worlds.plots.paved import lane, square
from cairn.hardware.sim.worlds.site import Site

SIZE = (64.0, 86.0)
FENCES = ("hedge", "hedge", "hedge", "hedge", "palisade", "stone", "slats", "brick")
LANDMARKS = (
    "statue",
    "gazebo",
    "fountain",
    "obelisk",
    "playground",
    "sculpture",
    "rocks",
    "tent",
    "kiosk",
    "clock",
    "phone_box",
)


def build(builder: WorldBuilder) -> Site:
    """Lay out the park; everything but the movable things."""
    site = Site(builder, FENCES, LANDMARKS, occupancy=0.0, small=10)
    rng = site.rng
    site.enclose()
    site.backdrop("house", 5, 26)
    cells, lanes = site.cut(largest=24, smallest=11, gap=(2.4, 4.2), ring=0.5)
    for strip in lanes:
        lane(site, strip, str(rng.choice(["gravel", "soil", "paving", "asphalt"])))
    fillers = ["lawn", "pond", "garden", "grove", "lawn", "garden", "square", "grove", "lawn"]
    order = [str(f) for f in rng.permutation(fillers)]
    for number, cell in enumerate(cells):
        filler = order[number % len(order)]
        if filler == "pond":
            pond(site, cell)
        elif filler == "garden":
            hedge_garden(site, cell)
        elif filler == "grove":
            grove(site, cell)
        elif filler == "square":
            square(site, cell)
        else:
            lawn(site, cell, 8)
    site.obstruct(lanes, (14, 24), 0.35, (1.2, 2.0))
    for strip in lanes:
        if rng.random() < 0.4:
            site.landmark(strip.inset(0.1))
    return site
