# SPDX-License-Identifier: BSD-3-Clause
"""The rules of ratios, and the printing of figures."""

import math

import pytest

from crossjoule.comparison import compare
from crossjoule.points import Point
from crossjoule.quantity import KINDS, Quantity, digits, parts, text, worst


def point(
    joules,
    *,
    device="cpu",
    batch=1,
    boundary="system",
    kind="measured-counter",
    missing="",
    spread=1.1,
    seconds=1e-6,
    precision="fp32"
):
    def around(value, unit, of, factor):
        return Quantity(value / factor, value, value * factor, of, unit)

    time_kind = "modelled" if device == "analog" else "measured-counter"
    energy = Quantity(unit="J") if joules is None else around(joules, "J", kind, spread)
    return Point(
        "r.h5",
        device,
        "mode",
        device,
        precision,
        batch,
        1,
        boundary,
        around(seconds * batch, "s", time_kind, 1.02),
        around(seconds, "s", time_kind, 1.02),
        energy,
        Quantity(unit="J"),
        missing,
    )


def lines(*points):
    return [line for inside in compare(points).lines.values() for line in inside]


def test_the_headline_is_against_the_most_efficient_digital():
    first, best, analog = lines(
        point(8.0), point(2.0, batch=100), point(0.5, device="analog", kind="modelled")
    )
    assert best.role.startswith("most efficient digital") and first.role.startswith(
        "most efficient digital at batch 1"
    )
    assert analog.energy_to_best.value == pytest.approx(
        4
    ) and analog.energy_to_same_batch.value == pytest.approx(16)
    assert analog.energy_to_best.kind == "modelled"
    assert analog.energy_to_best.low == pytest.approx(
        4 / 1.21
    ) and analog.energy_to_best.high == pytest.approx(4 * 1.21)


def test_a_losing_line_gets_its_ratio_too():
    _, analog = lines(point(2.0), point(10.0, device="analog", kind="modelled"))
    assert analog.energy_to_best.value == pytest.approx(0.2)


def test_ratios_stay_within_a_boundary():
    _, analog = lines(
        point(2.0, boundary="system"),
        point(0.1, device="analog", kind="modelled", boundary="device"),
    )
    assert (
        analog.energy_to_best is None
        and "no digital joules in this boundary" in analog.why_no_ratio
    )


def test_a_missing_term_closes_the_ratio():
    _, analog = lines(
        point(2.0), point(0.1, device="analog", kind="modelled", missing="host_idle_watts")
    )
    assert analog.energy_to_best is None and analog.time_to_best is None
    assert "host_idle_watts" in analog.why_no_ratio
    partial, whole, _ = lines(
        point(1.0, missing="dram"), point(2.0), point(1.0, device="analog", kind="modelled")
    )
    assert "most efficient digital" in whole.role and "most efficient" not in partial.role


def test_absent_joules_form_no_ratio():
    _, analog = lines(point(None), point(0.1, device="analog", kind="modelled"))
    assert analog.energy_to_best is None and analog.time_to_best is not None


def test_nothing_measured_means_a_factor_two():
    table = compare(
        [
            point(2.0, kind="modelled", spread=1.01),
            point(1.0, device="analog", kind="modelled", spread=1.0),
        ]
    )
    assert not table.any_measured
    analog = table.lines["system"][1]
    assert analog.energy_to_best.low <= 1.0 and analog.energy_to_best.high >= 4.0


def test_measured_and_modelled_joules_never_meet():
    measured, modelled, analog = lines(
        point(4.0),
        point(1.0, kind="modelled", precision="fp64"),
        point(1.0, device="analog", kind="modelled"),
    )
    assert "most efficient digital" in measured.role
    assert (
        modelled.energy_to_best is None
        and "modelled joules beside measured" in modelled.why_no_ratio
    )
    assert analog.energy_to_best.value == pytest.approx(4)


def test_kinds_combine_to_the_worst():
    for index, kind in enumerate(KINDS):
        assert worst(KINDS[0], kind) == kind == worst(kind, *KINDS[:index])


@pytest.mark.parametrize(
    "value, unit, printed",
    [
        (1.56e-5, "s", "15.6 µs"),
        (0.9999, "J", "1.00 J"),
        (9.996e-7, "s", "1.00 µs"),
        (0, "J", "0 J"),
        (40.25, "mm2", "40.2 mm²"),
        (1.92e6, "1/s", "1.92 M/s"),
        (3e-12, "J", "3.00 pJ"),
        (2.5, "1", "2.50"),
    ],
)
def test_figures_are_printed_with_three_digits(value, unit, printed):
    assert text(Quantity(value, value, value, "modelled", unit)) == printed


def test_an_interval_shares_the_prefix():
    assert text(Quantity(1.6e-4, 3.1e-4, 6.2e-4, "modelled", "J")) == "310 [160, 620] µJ"
    assert parts(Quantity(unit="J")) == ("absent", "", "")
    assert digits(math.inf) == "∞" and digits(1234567.0) == "1230000"


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="guessed"):
        Quantity(1, 1, 1, "guessed")
