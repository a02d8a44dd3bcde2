"""A discount is a share of the price, and counts where the amount is computed from prices."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crm_ai
from crm_ai.data import schema
from tests.data.shapes import values, written

HEAD = ["order_id", "customer_id", "order_date", "product", "quantity", "unit_price"]


def rows(discounts: list[object]) -> list[list[object]]:
    return [
        [n // 2, f"C{n % 5}", f"2024-01-{n % 28 + 1:02}", f"tea {n % 3}", 1 + n % 3, 10.0, each]
        for n, each in enumerate(discounts)
    ]


SHARES = [0, 0.1, 0.05, 0, 0.25, 0.5, 0, 0.2] * 5


@pytest.mark.parametrize(
    ("heading", "discounts"),
    [
        ("Discount", SHARES),
        ("discount_rate", SHARES),
        ("折扣率", SHARES),
        ("Discount", [f"{100 * share:g}%" for share in SHARES]),
        ("discount_pct", [100 * share for share in SHARES]),
        ("折扣百分比", [100 * share for share in SHARES]),
        ("Discount %", [100 * share for share in SHARES]),
    ],
)
def test_a_share_of_the_price_is_taken_off(heading, discounts, tmp_path):
    source = written(tmp_path, [*HEAD, heading], rows(discounts))
    column = schema.guess(source).columns["discount"]
    assert column.heading == heading
    assert values(source, column) == pytest.approx(SHARES)
    data = crm_ai.read(tmp_path / "export.csv")
    expected = sum((1 + n % 3) * 10 * (1 - share) for n, share in enumerate(SHARES))
    assert data.tables["transactions"].amount.sum().to_pandas() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("heading", "discounts"),
    [
        ("Discount", [12, 0, 30, 5] * 10),  # money, not a share
        ("Discount amount", SHARES),
        ("折扣", [0.95, 0.9, 1, 0.8] * 10),  # what remains to be paid
        ("Discount", [-0.1, 0.2] * 20),
        ("Discount code", ["TEN", ""] * 20),
    ],
)
def test_other_discounts_are_left_alone(heading, discounts, tmp_path):
    source = written(tmp_path, [*HEAD, heading], rows(discounts))
    assert "discount" not in schema.guess(source).columns


def test_a_mapped_amount_needs_no_discount(tmp_path):
    lines = [[*row, 7.5 + n] for n, row in enumerate(rows(SHARES))]
    source = written(tmp_path, [*HEAD, "Discount", "Sales"], lines)
    guess = schema.guess(source)
    assert guess.columns["amount"].heading == "Sales"
    assert "discount" not in guess.columns


def test_a_missing_discount_is_none(tmp_path):
    written(tmp_path, [*HEAD, "Discount"], rows(["" if n % 2 else 0.25 for n in range(40)]))
    data = crm_ai.read(tmp_path / "export.csv")
    expected = sum((1 + n % 3) * (10 if n % 2 else 7.5) for n in range(40))
    assert data.tables["transactions"].amount.sum().to_pandas() == pytest.approx(expected)


@settings(max_examples=20)
@given(st.floats(0, 100), st.sampled_from(["{:g}", "{:g}%", " {:g} %", "{:g}％"]))
def test_percent_is_read_with_and_without_its_sign(number, form):
    import ibis

    from crm_ai.data.readings import read

    text = form.format(number)
    found = ibis.duckdb.connect().execute(read(ibis.literal(text), "percent"))
    assert found == pytest.approx(float(f"{number:g}") / 100)
