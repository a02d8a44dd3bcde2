"""Files that belong together are joined when a person says so."""

import json

import pandas as pd
import pytest

import crm_ai
from crm_ai.__main__ import main
from crm_ai.data import intake
from crm_ai.recipes import Recipe

ORDERS = pd.DataFrame(
    {
        "order_id": [f"O{n:04}" for n in range(200)],
        "customer_id": [f"C{n % 60:03}" for n in range(200)],
        "order_date": [f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(200)],
    }
)
LINES = pd.DataFrame(
    {
        "order_id": [f"O{n % 200:04}" for n in range(500)],
        "product": [f"Product {n % 17}" for n in range(500)],
        "quantity": [n % 3 + 1 for n in range(500)],
        "unit_price": [n % 50 + 0.5 for n in range(500)],
    }
)


@pytest.fixture
def here(tmp_path):
    for name, frame in {"orders": ORDERS, "lines": LINES}.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return intake.stage([tmp_path / "orders.csv", tmp_path / "lines.csv"], tmp_path / "data")


def test_files_are_offered_a_join_and_stay_alone_until_it_is_wanted(here):
    assert [(join.left, join.right, join.left_on) for join in here.offered] == [("lines", "orders", ("order_id",))]
    assert here.joins == ()
    assert len(here.sources) == 2


def test_a_join_makes_one_table_with_all_lines(here):
    joined = intake.rejoin(here.folder, here.offered)
    assert joined.joins == here.offered
    assert intake.staged(here.folder) == joined
    data = intake.finish(here.folder)
    rows = data.frame(data.table("transactions"))
    assert len(rows) == len(LINES)
    assert rows.amount.sum() == pytest.approx((LINES.quantity * LINES.unit_price).sum())
    assert set(rows.customer_id) == set(ORDERS.customer_id)


def test_a_join_can_be_taken_back(here):
    intake.rejoin(here.folder, here.offered)
    apart = intake.rejoin(here.folder, ())
    assert [source.name for source in apart.sources] == ["orders.csv", "lines.csv"]
    assert apart.offered == here.offered


def test_parts_of_one_table_are_no_case_for_a_join(tmp_path):
    for name, part in {"january": LINES[:250], "february": LINES[250:]}.items():
        part.to_csv(tmp_path / f"{name}.csv", index=False)
    here = intake.stage([tmp_path / "january.csv", tmp_path / "february.csv"], tmp_path / "data")
    assert here.offered == ()


def test_python_and_the_shell_join_when_they_are_told_to(here, tmp_path, capsys):
    paths = [tmp_path / "orders.csv", tmp_path / "lines.csv"]
    data = crm_ai.read(*paths, join=True)
    assert crm_ai.run("overview", data).orders == 200
    assert main(["run", "overview", *map(str, paths), "--join", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["orders"] == 200
    assert "join=True" in Recipe("x", "overview").python(data.manifest)
    assert "'orders.csv'" in Recipe("x", "overview").python(data.manifest)
