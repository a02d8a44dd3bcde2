"""What is known of amounts without looking at them holds for each of them."""

from hypothesis import given
from hypothesis import strategies as st

from crm_ai.data.amounts import amount_range

NUMBERS = st.floats(-1e300, 1e300) | st.integers(-9, 9).map(float)
LINES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20)


@given(LINES)
def test_no_product_lies_outside_the_range(lines):
    quantities, prices = zip(*lines, strict=True)
    ranges = {"quantity": (min(quantities), max(quantities)), "unit_price": (min(prices), max(prices))}
    low, high = amount_range({"quantity": len(lines), "unit_price": len(lines)}, ranges)
    assert all(low <= quantity * price <= high for quantity, price in lines)


def test_without_quantities_the_price_is_the_amount():
    assert amount_range({"unit_price": 3}, {"unit_price": (-1.0, 2.0)}) == (-1.0, 2.0)


def test_where_more_matters_or_less_is_known_there_is_no_range():
    ranges = {"quantity": (1.0, 2.0), "unit_price": (1.0, 2.0)}
    both = {"quantity": 3, "unit_price": 3}
    assert amount_range(both, ranges) == amount_range(both | {"discount": 0}, ranges) == (1.0, 4.0)
    assert amount_range(both | {"discount": 1}, ranges) is None
    assert amount_range(both | {"amount": 3}, ranges) is None
    assert amount_range(both, {"quantity": (1.0, 2.0)}) is None
    assert amount_range({"quantity": 3}, ranges) is None
