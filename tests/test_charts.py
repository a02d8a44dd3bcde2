import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai import charts


def test_markup_in_data_stays_text():
    assert charts.plain("<b>A & B</b>") == "&lt;b>A &amp; B&lt;/b>"


@given(st.integers(1, 10_000))
def test_thinning_keeps_both_ends(n):
    thinned = charts.thin(np.arange(n))
    assert len(thinned) == min(n, charts.MOST_POINTS)
    assert (thinned[0], thinned[-1]) == (0, n - 1)


def test_bars_name_what_is_selected():
    chart = charts.bar("Sales", ["a", "b"], [1, 2], horizontal=True)
    assert [row[0] for row in chart.data[0].customdata] == ["b", "a"]


def test_a_large_cloud_is_sampled_the_same_way_each_time():
    frame = pd.DataFrame({"x": np.arange(60_000), "y": np.arange(60_000)})
    first, second = (charts.scatter("Cloud", {"a": frame}) for _ in range(2))
    assert len(first.data[0].x) == 10 * charts.MOST_POINTS
    np.testing.assert_array_equal(first.data[0].x, second.data[0].x)


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, np.inf], [3.0, 3.0]])
def test_a_histogram_takes_any_values(values):
    total = sum(trace.y.sum() for trace in charts.histogram("H", {"a": np.asarray(values)}).data)
    assert total == np.isfinite(values).sum()


def test_no_chart_sets_the_colour_of_text_or_ground():
    chart = charts.band(charts.line("T", [1, 2], {"y": [1, 2]}), [1, 2], [0, 1], [2, 3], "80 %")
    layout = chart.to_dict()["layout"]
    assert "paper_bgcolor" not in layout
    assert "plot_bgcolor" not in layout
    assert "color" not in layout["font"]
