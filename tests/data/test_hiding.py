"""Personal data that a person chose to hide are nowhere in what is kept."""

from pathlib import Path

import pandas as pd
import pytest

from crm_ai.data import intake, privacy, schema
from crm_ai.data.intake import FILES, RAW

PEOPLE = pd.DataFrame(
    {
        "Customer e-mail": [f"anna.k{n}@mail.example" for n in range(80)],
        "Phone": [f"138{10_000_000 + n * 7919}" for n in range(80)],
        "City": ["Paris", "Rome"] * 40,
        "Churned": ["yes", "no"] * 40,
    }
)
KEY = b"k" * 32


@pytest.fixture
def draft(tmp_path) -> Path:
    """Two files of customers as the app stages them."""
    folder = tmp_path / "draft"
    (folder / FILES).mkdir(parents=True)
    PEOPLE.to_csv(folder / FILES / "people.csv", index=False)
    intake.searched(intake.stage([folder / FILES / "people.csv"], folder))
    return folder


def clear_text(folder: Path) -> str:
    """Every cell and every text that is kept."""
    parts = [path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".csv")]
    parts += [pd.read_parquet(path).to_csv() for path in folder.rglob("*.parquet")]
    return "\n".join(parts)


def test_what_is_hidden_is_nowhere_and_customers_can_still_be_told_apart(draft):
    here = intake.staged(draft)
    assert [item.kind for item in here.personal[0]] == ["email", "phone"]
    choices = [{"Customer e-mail": privacy.PSEUDONYMISE, "Phone": privacy.REMOVE}]
    mapping = schema.remap(here.sources[0], "customers", {"customer_id": "Customer e-mail", "target": "Churned"})
    intake.hide(draft, choices, KEY)
    data = intake.finish(draft, [intake.hidden(mapping, choices[0])])
    rows = data.frame(data.table("customers"))
    assert rows.customer_id.nunique() == 80
    assert "phone" not in rows.columns
    kept = clear_text(draft)
    assert "mail.example" not in kept
    assert not any(phone in kept for phone in PEOPLE["Phone"])
    assert not (draft / FILES).exists()


def test_the_choice_is_recorded_without_a_value_and_makes_other_data(draft, tmp_path):
    plain = intake.finish(draft)
    intake.hide(draft, [{"Phone": privacy.MASK}], KEY)
    hidden = intake.finish(draft)
    recorded = hidden.manifest["sources"][0]["hidden"]
    assert recorded["done"] == {"Customer e-mail": "keep", "Phone": "mask"}
    assert {item["kind"] for item in recorded["found"]} == {"email", "phone"}
    assert plain.fingerprint != hidden.fingerprint
    assert plain.manifest["sources"][0]["hidden"] is None


def test_where_nothing_is_to_be_hidden_everything_stays(draft):
    before = intake.staged(draft)
    assert intake.hide(draft, [{"Phone": privacy.KEEP}], KEY) == before
    assert (draft / FILES / "people.csv").exists()
    assert len(list((draft / RAW).glob("*.parquet"))) == 1


def test_a_choice_comes_back_with_the_next_file_of_these_headings(tmp_path, draft):
    here = intake.staged(draft)
    intake.remember(tmp_path / "memory", here.guesses[0], PEOPLE.columns, {"Phone": "mask"})
    found = intake.recall(tmp_path / "memory", reversed(list(PEOPLE.columns)))
    assert found is not None
    assert found["hide"] == {"Phone": "mask"}
