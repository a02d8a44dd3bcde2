"""A file with the same headings comes again: nobody has to choose its columns twice."""

from dataclasses import replace

import pytest

from crm_ai.data import intake
from crm_ai.data.schema import Mapping

JAN = "code,who,day,paid,given\n" + "".join(f"A{n},C{n % 5},2024-01-{n + 10},{n}.50,{n}.25\n" for n in range(12))
FEB = JAN.replace("2024-01", "2024-02").replace(".25", ".75")
DAYS_FIRST = "code,who,day,paid,given\n" + "".join(f"A{n},C{n % 5},{n + 10}.02.2024,{n}.50,{n}.25\n" for n in range(12))
SAID = {"order_id": "code", "customer_id": "who", "ordered_at": "day", "amount": "given"}


@pytest.fixture
def read(tmp_path):
    """Stage a text as a file of that name."""

    def stage(name, text):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, "utf-8")
        return intake.stage([path], tmp_path / name)

    return stage


def headings(mapping):
    return {name: column.heading for name, column in mapping.columns.items()}


@pytest.fixture
def kept(read, tmp_path):
    """A folder in which the columns of January are remembered as a person chose them."""
    here = read("jan", JAN)
    mapping = intake.wished(here, SAID, "transactions")[0]
    intake.remember(tmp_path / "mappings", mapping, here.sources[0].columns)
    return tmp_path / "mappings"


def test_what_a_person_chose_comes_back_for_the_same_headings(kept, read):
    here = intake.recalled(read("feb", FEB), kept)
    assert here.guesses[0].table == "transactions"
    assert headings(here.guesses[0])["amount"] == "given"
    assert intake.staged(here.folder).guesses == here.guesses


def test_values_are_read_as_the_new_file_writes_them(kept, read):
    here = intake.recalled(read("feb", DAYS_FIRST), kept)
    data = intake.finish(here.folder)
    first = data.frame(data.table("transactions")).iloc[0]
    assert (str(first["ordered_at"].date()), first["amount"]) == ("2024-02-10", 0.25)


def test_the_order_of_the_headings_does_not_matter(kept):
    assert intake.recall(kept, ["given", "paid", "day", "who", "code"]) == intake.recall(
        kept, ["code", "who", "day", "paid", "given"]
    )


def test_other_headings_are_guessed(kept, read):
    here = read("other", FEB.replace("given", "received"))
    assert intake.recalled(here, kept) is here
    assert intake.recall(kept, ["code", "who"]) is None


def test_a_file_that_was_left_out_is_left_out_again(read, tmp_path):
    here = read("jan", JAN)
    intake.remember(tmp_path / "mappings", Mapping("", {}), here.sources[0].columns)
    assert intake.recalled(read("feb", FEB), tmp_path / "mappings").guesses == (Mapping("", {}),)


def test_the_columns_of_the_dataset_come_before_what_is_remembered(kept, read):
    jan = read("jan2", JAN)
    data = intake.finish(jan.folder, intake.wished(jan, SAID | {"amount": "paid"}, "transactions"))
    here = intake.recalled(read("feb", FEB), kept, data.manifest)
    assert headings(here.guesses[0])["amount"] == "paid"


def test_columns_that_were_joined_are_joined_again(read, tmp_path):
    here = read("jan", JAN)
    mapping = intake.wished(here, SAID, "transactions")[0]
    joined = replace(mapping.columns["order_id"], joined=("who",))
    mapping = replace(mapping, columns={**mapping.columns, "order_id": joined})
    intake.remember(tmp_path / "mappings", mapping, here.sources[0].columns)
    again = intake.recalled(read("feb", FEB), tmp_path / "mappings").guesses[0]
    assert again.columns["order_id"].joined == ("who",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"table": "transactions"}'])
def test_a_damaged_memory_is_no_memory(kept, read, text):
    for path in kept.iterdir():
        path.write_text(text)
    here = read("feb", FEB)
    assert intake.recalled(here, kept) is here
