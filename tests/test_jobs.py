"""The runner with real worker processes."""

import json

import pandas as pd
import pytest

from crm_ai.data.dataset import MANIFEST
from crm_ai.jobs import Runner
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace

LINES = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b"] * 40,
        "ordered_at": pd.date_range("2024-01-01", periods=120, freq="D"),
        "amount": [1.0, 2.0, 3.0] * 40,
    }
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    place = Workspace(tmp_path_factory.mktemp("workspace"))
    for name, frame in {"shop": LINES, "empty": LINES.head(0)}.items():
        folder = place.folder / "datasets" / name / "versions" / "1"
        folder.mkdir(parents=True)
        frame.to_parquet(folder / "transactions.parquet")
        manifest = {"name": name, "fingerprint": name, "tables": {"transactions": "transactions.parquet"}}
        (folder / MANIFEST).write_text(json.dumps(manifest))
    return place


@pytest.fixture(scope="module")
def runner(workspace):
    found = Runner(workspace, workers=1)
    yield found
    found.close()


def test_a_result_is_kept_for_whoever_asks_again(runner, workspace):
    recipe = Recipe("shop", "overview")
    job = runner.run(recipe, "shop")
    assert runner.run(recipe, "shop") is job
    assert job.wait(60)
    assert job.state == "done"
    assert workspace.load_result(job.key, "overview").revenue == 240.0


def test_an_error_comes_back_as_its_sentence_and_stays_until_forgotten(runner):
    recipe = Recipe("empty", "overview")
    job = runner.run(recipe, "empty")
    assert job.wait(60)
    assert job.state == "failed"
    assert job.error is not None
    assert "went wrong" not in str(job.error)
    assert runner.run(recipe, "empty") is job
    runner.forget(job)
    assert runner.run(recipe, "empty") is not job


def test_a_cancelled_run_ends_and_the_next_one_works(runner):
    stopped = runner.submit("endless", {"task": "nothing of that name"})
    runner.cancel(stopped)
    assert stopped.state == "cancelled" or stopped.wait(60)
    job = runner.run(Recipe("shop", "overview", {"top": 7}), "shop")
    assert job.wait(60)
    assert job.state == "done"


def test_a_dataset_that_went_away_is_said(runner):
    job = runner.run(Recipe("gone", "overview"), "gone")
    assert job.wait(60)
    assert "not here any more" in str(job.error)
