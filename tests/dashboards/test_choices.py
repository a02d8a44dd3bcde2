"""What the filters can be set to."""

import pandas as pd

from crm_ai.dashboards.choices import Choices, choices, together
from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import Filters
from crm_ai.methods.rfm import NAMES

LINES = pd.DataFrame(
    {
        "customer_id": ["1", "1", "1", "2", "3"],
        "ordered_at": pd.to_datetime(["2024-02-01", "2024-01-05", "2024-03-01", "2024-01-09", "2024-02-02"]),
        "amount": [1.0] * 5,
        "country": ["Peru", "Peru", "Peru", "France", "France"],
    }
)


def shop(**tables):
    return Dataset.from_frames("shop", **({"transactions": LINES} | tables))


def test_days_countries_and_segments_of_the_data():
    assert choices(shop()) == Choices("2024-01-05", "2024-03-01", ("Peru", "France"), NAMES)


def test_countries_of_few_people_are_not_named_where_they_must_not_be():
    assert choices(shop(), least=2).countries == ("France",)


def test_segments_that_came_with_the_customers_go_first():
    people = pd.DataFrame({"customer_id": ["1", "2"], "segment": ["b", "a"], "country": ["Chad", None]})
    assert choices(shop(customers=people)).segments == ("a", "b")
    assert choices(Dataset.from_frames("people", customers=people)) == Choices("", "", ("Chad",), ("a", "b"))


def test_data_without_any_of_it_offer_nothing():
    assert choices(Dataset.from_frames("said", feedback=pd.DataFrame({"text": ["good"]}))) == Choices()


def test_a_board_offers_what_any_of_its_data_has():
    both = together(
        [Choices("2024-01-01", "2024-02-01", ("A",)), Choices("2023-01-01", "2023-02-01", ("B", "A"), ("s",))]
    )
    assert both == Choices("2023-01-01", "2024-02-01", ("A", "B"), ("s",))
    assert together([]) == Choices()


def test_names_that_are_not_offered_are_dropped():
    asked = Filters("2024-01-01", country=("A", "X"), segment=("y",))
    assert Choices(countries=("A",)).allowed(asked) == Filters("2024-01-01", country=("A",))
