from hypothesis import given
from hypothesis import strategies as st

from crm_ai import errors
from crm_ai.errors import CrmError, TooLittleData


def test_the_sentence_is_filled_and_translated():
    error = TooLittleData("At least {needed} rows are needed.", needed=5)
    assert str(error) == "At least 5 rows are needed."
    assert error.text({"At least {needed} rows are needed.": "至少需要 {needed} 行。"}.__getitem__) == "至少需要 5 行。"


def test_lists_read_as_text():
    assert str(CrmError("Use {names}.", names=["a", "b"])) == "Use a, b."


@given(st.sampled_from(CrmError.__subclasses__()), st.text())
def test_an_error_survives_the_way_between_processes(kind, value):
    error = CrmError.from_json(kind("It is {value}.", value=value).to_json())
    assert type(error) is kind
    assert str(error) == f"It is {value}."


def test_every_kind_is_drawn_in_the_tree():
    assert errors.__doc__ is not None
    assert all(kind.__name__ in errors.__doc__ for kind in CrmError.__subclasses__())
