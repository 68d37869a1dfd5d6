from __future__ import annotations

from math import expm1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.hardware.errors import CairnError
from cairn.hardware.stick_curve import StickCurve

CURVES = st.builds(StickCurve, st.floats(0, 0.9), st.floats(0, 10))
DEFLECTIONS = st.floats(-1, 1)


@given(CURVES, DEFLECTIONS, DEFLECTIONS)
def test_odd_increasing_and_bounded(curve: StickCurve, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert -1 <= curve(low) <= curve(high) <= 1
    assert curve(-one) == -curve(one)


@given(CURVES)
def test_rest_is_zero_and_the_stop_is_full(curve: StickCurve) -> None:
    assert curve(curve.dead_zone) == 0.0
    assert curve(1.0) == pytest.approx(1.0)


def test_values() -> None:
    assert StickCurve(0.2, 0.0)(0.6) == pytest.approx(0.5)
    assert StickCurve(0.2, 2.0)(0.6) == pytest.approx(expm1(1.0) / expm1(2.0))


def test_what_makes_no_curve_is_refused() -> None:
    with pytest.raises(CairnError, match=r"dead zone must lie in \[0, 0\.9\], got 1"):
        StickCurve(dead_zone=1)
    with pytest.raises(CairnError, match=r"exponent must lie .* got nan"):
        StickCurve(exponent=float("nan"))
