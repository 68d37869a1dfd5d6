import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.worlds.conditions import Conditions


def test_reads_what_is_named_and_keeps_the_rest():
    conditions = Conditions.parse("overcast, fog=.3, moved=7")
    assert conditions == Conditions(sky="overcast", fog=0.3, moved_obstacles=True, obstacle_seed=7)
    assert Conditions.parse("") == Conditions()
    assert Conditions.parse("moved").moved_obstacles
    assert Conditions.parse("azimuth=-30,elevation=10").sun_elevation == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rain", "unknown 'rain'.*clear | overcast"),
        ("fog=thick", "'fog=thick' needs a finite number"),
        ("fog=nan", "needs a finite number"),
        ("fog=1.5", "fog must lie in 0..1, got 1.5"),
        ("fog", "'fog' needs a finite number"),
        ("elevation=120", "0..90 degrees, got 120"),
        ("clear,twilight", "sky is given twice"),
        ("moved=1.5", "needs a whole number"),
        ("moved=-1", "obstacle seed must be 0 or more, got -1"),
        ("overcast=1", "unknown 'overcast=1'"),
    ],
)
def test_refuses_bad_text_with_what_is_valid(text, message):
    with pytest.raises(CairnError, match=message):
        Conditions.parse(text)


def test_refuses_a_sky_that_does_not_exist():
    with pytest.raises(CairnError, match="clear, overcast, twilight, got 'night'"):
        Conditions(sky="night")


def test_samples_vary_and_read_back_from_their_text():
    samples = [Conditions.sample(seed) for seed in range(60)]
    assert samples[3] == Conditions.sample(3)
    assert {sample.sky for sample in samples} == {"clear", "overcast", "twilight"}
    assert {sample.moved_obstacles for sample in samples} == {True, False}
    assert any(sample.fog for sample in samples)
    assert not all(sample.fog for sample in samples)
    for sample in samples:
        read = Conditions.parse(str(sample))
        assert read.sky == sample.sky
        assert read.sun_azimuth == pytest.approx(sample.sun_azimuth)
        assert read.moved_obstacles == sample.moved_obstacles
