import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from crm_ai import charts
from crm_ai.export.native import BAR, COLUMN, LINE, PIE, SCATTER, native, text

X = np.arange(3.0)


def test_bars_keep_their_labels_values_and_titles():
    found = native(charts.bar("A & B", ["x<y", "z"], [1, np.nan], "Kind", "Sales"))
    assert (found.kind, found.title, found.x_title, found.y_title) == (COLUMN, "A & B", "Kind", "Sales")
    assert found.categories == ["x<y", "z"]
    assert found.series[0].values == [1.0, None]


def test_lying_bars_take_their_labels_from_the_ticks_of_the_axis():
    figure = charts.figure("t", "", "", go.Bar(x=X, y=np.arange(3), orientation="h"))
    figure.update_yaxes(tickmode="array", tickvals=np.arange(3), ticktext=["a<br>→ b", "c", "d"])
    found = native(figure)
    assert (found.kind, found.categories) == (BAR, ["a → b", "c", "d"])


def test_stacked_bars_of_different_categories_are_aligned():
    traces = [go.Bar(x=["a", "b"], y=[1, 2], name="one"), go.Bar(x=["b", "c"], y=[3, 4], name="two")]
    found = native(charts.figure("t", "", "", *traces, barmode="stack"))
    assert found.stacked
    assert found.categories == ["a", "b", "c"]
    assert [series.values for series in found.series] == [[1, 2, None], [None, 3, 4]]


def test_lines_over_dates_become_lines_over_categories():
    days = pd.date_range("2024-01-01", periods=3).to_numpy()
    found = native(charts.line("t", days, {"sales": X}))
    assert (found.kind, found.categories[0]) == (LINE, "2024-01-01")
    assert found.series[0].values == [0, 1, 2]


def test_clouds_keep_both_coordinates_and_lines_are_joined():
    cloud = native(charts.figure("t", "", "", go.Scatter(x=X, y=[1, np.nan, 3], mode="markers", marker={"size": 6})))
    assert cloud.kind == SCATTER
    assert (cloud.series[0].x, cloud.series[0].values, cloud.series[0].joined) == ([0, 2], [1, 3], False)
    assert native(charts.line("t", X, {"a": X})).series[0].joined


def test_a_pie_keeps_its_parts():
    found = native(go.Figure(go.Pie(labels=["a", "b"], values=[1, 2])))
    assert (found.kind, found.categories, found.series[0].values) == (PIE, ["a", "b"], [1, 2])


def test_shares_are_written_as_percent():
    assert native(charts.bar("t", ["a"], [0.5]).update_layout(yaxis_tickformat=".0%")).percent


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(),
        charts.heatmap("t", pd.DataFrame([[1, 2]])),
        charts.band(charts.line("t", X, {"a": X}), X, X, X, "80 %"),
        charts.figure("t", "", "", go.Bar(x=["a", "b"], y=[1, 2], marker_color=[0.5, 0.7])),
        charts.figure("t", "", "", go.Bar(x=["a", "a"], y=[1, 2])),
        charts.figure("t", "", "", go.Scatter(x=X, y=X, mode="markers", marker={"color": X})),
        charts.figure("t", "", "", go.Scatter(x=X, y=X, mode="markers+text", text=["a", "b", "c"])),
        charts.bar("t", ["a"], [1]).add_hline(y=1),
        charts.bar("t", ["a"], [1]).update_layout(yaxis_type="log"),
        charts.bar("t", [str(n) for n in range(99)], np.arange(99)),
        go.Figure([go.Bar(x=["a"], y=[1]), go.Scatter(x=["a"], y=[1])]),
        go.Figure(go.Scatter(x=X, y=X, yaxis="y2")),
    ],
    ids=lambda figure: figure.layout.title.text,
)
def test_what_a_native_chart_would_lose_stays_a_picture(figure):
    assert native(figure) is None


def test_colours_of_series_and_of_single_bars_are_kept():
    colored = charts.figure("t", "", "", go.Bar(x=["a", "b"], y=[1, 2], marker_color=["#112233", "#445566"]))
    assert native(colored).series[0].colors == ("#112233", "#445566")
    assert native(charts.grouped("t", ["a"], {"x": [1], "y": [2]})).series[1].colors == (charts.PALETTE[1],)


def test_bars_of_a_reversed_axis_are_turned_round():
    figure = charts.figure("t", "", "", go.Bar(x=[1, 2], y=["a", "b"], orientation="h")).update_yaxes(
        autorange="reversed"
    )
    found = native(figure)
    assert (found.categories, found.series[0].values) == (["b", "a"], [2, 1])


def test_points_beside_lines_are_not_joined_and_what_the_legend_hides_stays_hidden():
    days = ["2024-01", "2024-02"]
    line = go.Scatter(x=days, y=[1, 2], mode="lines+markers", name="a", line_dash="dash")
    found = native(charts.figure("t", "", "", line, go.Scatter(x=days[1:], y=[2], mode="markers", showlegend=False)))
    assert [(s.joined, s.dashed, s.listed) for s in found.series] == [(True, True, True), (False, False, False)]
    assert not found.legend


def test_shares_end_at_one():
    figure = charts.bar("t", ["a"], [0.5]).update_layout(yaxis_tickformat=".0%")
    assert native(figure).whole
    assert not native(charts.bar("t", ["a"], [1.5]).update_layout(yaxis_tickformat=".0%")).whole


def test_text_of_plotly_becomes_plain():
    assert text("a<br>b <b>c</b> &lt;d&gt; &amp; e") == "a b c <d> & e"
