"""Datasets, versions, drafts and results of a workspace; what a kill leaves behind is in test_crash."""

import json
import os
import subprocess
import sys
import threading

import pandas as pd
import pytest

from crm_ai.data import intake
from crm_ai.data.dataset import MANIFEST
from crm_ai.data.intake import STAGED, write_json
from crm_ai.errors import BadParameter, UnknownName
from crm_ai.jobs import worker
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace, locks
from crm_ai.store import workspace as workspace_module


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def filled(workspace, title="shop", mark="a", base=None, created="2024-01-01", why="uploaded"):
    """A draft with a small finished dataset in it."""
    draft = workspace.new_draft(base, why)
    (draft.folder / "tables").mkdir()
    pd.DataFrame({"customer_id": ["a"], "amount": [1.0]}).to_parquet(draft.folder / "tables" / "t.parquet")
    manifest = {"name": title, "created_at": created, "fingerprint": mark, "why": why, "sources": []}
    report = {"transactions": {"kept": 1}}
    write_json(draft.folder / MANIFEST, {**manifest, "tables": {"transactions": "tables/t.parquet"}, "report": report})
    return draft


def add(workspace, title="shop", mark="a", base=None, **more):
    return workspace.commit(filled(workspace, title, mark, base, **more))


def test_datasets_are_listed_newest_first(workspace):
    old, new = add(workspace, "old", created="2024-01-01"), add(workspace, "new", created="2024-02-01")
    assert list(workspace.datasets()) == [new.dataset, old.dataset]


def test_a_draft_does_not_count_until_it_is_committed(workspace):
    draft = filled(workspace)
    assert workspace.datasets() == {}
    version = workspace.commit(draft)
    assert list(workspace.datasets()) == [version.dataset] == [draft.dataset]
    assert (version.number, version.rows, version.why) == (1, 1, "uploaded")
    with pytest.raises(UnknownName, match="upload them again"):
        workspace.draft(draft.id)


def test_every_change_makes_a_version_and_any_can_be_opened(workspace):
    first = add(workspace, mark="a")
    second = add(workspace, mark="b", base=first.dataset, why="rules changed", created="2024-02-01")
    assert [version.number for version in workspace.versions(first.dataset)] == [2, 1]
    assert [version.why for version in workspace.versions(first.dataset)] == ["rules changed", "uploaded"]
    assert second.is_newest
    assert not workspace.version(first.address).is_newest
    assert workspace.open(first.dataset).fingerprint == workspace.open(f"{first.dataset}@2").fingerprint == "b"
    assert workspace.open(first.address).fingerprint == "a"
    assert workspace.datasets()[first.dataset] == second


def test_a_change_that_changes_nothing_only_renames(workspace):
    first = add(workspace, "before", mark="a")
    same = add(workspace, "after", mark="a", base=first.dataset)
    assert (same.number, same.manifest["name"]) == (1, "after")
    assert list((workspace.folder / "drafts").iterdir()) == []


def test_going_back_to_what_an_older_version_had_is_a_version_too(workspace):
    first = add(workspace, mark="a")
    for mark in ("b", "a"):
        last = add(workspace, mark=mark, base=first.dataset)
    assert last.number == 3


def test_rename_and_delete(workspace):
    name = add(workspace, "before").dataset
    add(workspace, "before", mark="b", base=name)
    workspace.rename(name, "后来")
    assert workspace.datasets()[name].manifest["name"] == "后来"
    assert workspace.open(f"{name}@1").name == "后来", "a dataset has one name"
    workspace.delete(name)
    assert workspace.datasets() == {}
    assert files(workspace) == []


def test_a_version_can_be_deleted_and_its_number_is_not_given_again(workspace):
    name = add(workspace, "shop", mark="a").dataset
    add(workspace, "shop", mark="b", base=name)
    workspace.rename(name, "renamed")
    workspace.delete_version(f"{name}@2")
    assert workspace.datasets()[name].manifest["name"] == "renamed"
    assert add(workspace, mark="c", base=name).number == 3
    assert [version.number for version in workspace.versions(name)] == [3, 1]
    with pytest.raises(UnknownName):
        workspace.version(f"{name}@2")


def test_the_only_version_cannot_be_deleted(workspace):
    version = add(workspace)
    with pytest.raises(BadParameter, match="only version"):
        workspace.delete_version(version.address)


def test_results_go_with_the_last_version_that_has_their_data(workspace):
    name = add(workspace, mark="a").dataset
    for mark in ("b", "a"):
        add(workspace, mark=mark, base=name)
    for mark in "ab":
        folder = workspace.result_folder(Recipe(name, "overview").key(mark))
        folder.mkdir(parents=True)
        (folder / "result.json").write_text("{}")
    workspace.delete_version(f"{name}@3")
    assert sorted(os.listdir(workspace.folder / "results")) == ["a", "b"], "the first version has the same data"
    workspace.delete_version(f"{name}@1")
    assert os.listdir(workspace.folder / "results") == ["b"]
    workspace.delete(name)
    assert os.listdir(workspace.folder / "results") == []


@pytest.mark.parametrize("name", ["missing", "../../etc", "a/b", "", ".", "a@", "a@b", "a@1@2", "@1"])
def test_no_name_leads_out_of_the_workspace(workspace, name):
    for ask in (workspace.version, workspace.versions, workspace.open, workspace.delete, workspace.draft):
        with pytest.raises(UnknownName):
            ask(name)


def test_a_number_that_is_not_there_is_said(workspace):
    version = add(workspace)
    for number in (0, 2):
        with pytest.raises(UnknownName):
            workspace.version(f"{version.dataset}@{number}")


def test_a_refresh_of_a_dataset_that_was_deleted_does_not_bring_it_back(workspace):
    name = add(workspace).dataset
    other = Workspace(workspace.folder, "another")
    draft = filled(other, mark="b", base=name)
    parked = workspace.folder / "parked"
    draft.folder.rename(parked)  # a worker of another server has it in its hands
    workspace.delete(name)
    parked.rename(draft.folder)
    with pytest.raises(UnknownName):
        workspace.commit(draft)
    assert workspace.datasets() == {}


def test_versions_that_are_committed_at_the_same_time_all_count(workspace):
    name = add(workspace, mark="a").dataset
    drafts = [filled(workspace, mark=mark, base=name) for mark in "bcdefg"]
    threads = [threading.Thread(target=workspace.commit, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [version.number for version in workspace.versions(name)] == [7, 6, 5, 4, 3, 2, 1]
    assert {version.fingerprint for version in workspace.versions(name)} == set("abcdefg")


def test_unfinished_uploads_are_those_that_wait_for_a_person(workspace):
    version = add(workspace)
    reading, waiting, more = (
        workspace.new_draft(),
        workspace.new_draft(),
        workspace.new_draft(version.dataset, "rows added"),
    )
    for draft in (waiting, more):
        write_json(draft.folder / STAGED, {})
    assert {draft.id for draft in workspace.unfinished()} == {waiting.id, more.id}
    workspace.delete(version.dataset)
    assert [draft.id for draft in workspace.unfinished()] == [waiting.id]
    workspace.discard(waiting)
    assert workspace.unfinished() == []
    assert workspace.draft(reading.id) == reading


def test_recovery_leaves_what_living_processes_work_on(workspace):
    draft = workspace.new_draft()
    workspace.recover()
    assert draft.folder.exists()


def test_recovery_clears_what_dead_processes_left(workspace):
    kept, dead = add(workspace), Workspace(workspace.folder, "00000000")
    waiting, reading = dead.new_draft(), dead.new_draft()
    write_json(waiting.folder / STAGED, {})
    (reading.folder / "files").mkdir()
    (reading.folder / "files" / "half").write_text("x")
    (workspace.folder / "drafts" / "00000000-json").write_text("half a document")
    (workspace.folder / "trash" / "x").mkdir(parents=True)
    (workspace.folder / "trash" / "x" / "y").write_text("x")
    (workspace.folder / "trash" / "z").write_text("x")
    (workspace.folder / "datasets" / "empty" / "versions" / "1").mkdir(parents=True)
    (workspace.folder / "results" / "gone" / "key").mkdir(parents=True)
    workspace.recover()
    assert os.listdir(workspace.folder / "drafts") == [waiting.id]
    assert [os.listdir(workspace.folder / name) for name in ("datasets", "trash", "results")] == [
        [kept.dataset],
        [],
        [],
    ]


OWNER = """
import sys, pathlib
from crm_ai.store import locks
print(locks.owner(pathlib.Path(sys.argv[1])).name, flush=True)
sys.stdin.read()
"""


def test_a_lock_lives_as_long_as_its_process_and_is_swept_away_after(tmp_path):
    other = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    name, mine = other.stdout.readline().strip(), locks.owner(tmp_path).name
    locks.sweep(tmp_path)
    assert locks.lives(tmp_path, name)
    assert locks.lives(tmp_path, mine)
    other.kill()
    other.wait()
    assert not locks.lives(tmp_path, name)
    locks.sweep(tmp_path)
    assert os.listdir(tmp_path / "locks") == [f"{mine}.lock"]
    assert locks.lives(tmp_path, mine), "looking does not take it"


def test_all_threads_of_a_process_are_one_owner(tmp_path):
    together, found = threading.Barrier(8), set()

    def ask():
        together.wait()
        found.add(locks.owner(tmp_path).name)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(os.listdir(tmp_path / "locks")) == 1


def test_a_draft_is_alive_while_a_child_holds_the_lock_of_its_dead_parent(tmp_path):
    code = OWNER + (
        "import subprocess\nlock = locks.owner(pathlib.Path(sys.argv[1]))\n"
        "child = subprocess.Popen(['sleep', '60'], pass_fds=(lock.descriptor,), stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    name, child = parent.stdout.readline().strip(), int(parent.stdout.readline())
    parent.wait()
    assert locks.lives(tmp_path, name)
    os.kill(child, 9)
    deadline = threading.Event()
    while locks.lives(tmp_path, name):
        assert not deadline.wait(0.01)


def files(workspace):
    """Every file but the locks."""
    return [path for path in workspace.folder.rglob("*") if path.is_file() and path.parent.name != "locks"]


def test_a_document_is_replaced_whole(tmp_path):
    write_json(tmp_path / "a.json", {"x": 1})
    write_json(tmp_path / "a.json", {"x": 2})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_orders_of_large_data_are_added_up_once_and_go_with_the_data(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace_module, "MANY_LINES", 3)
    place = Workspace(tmp_path / "workspace")
    path = tmp_path / "orders.csv"
    lines = [f"{n // 2},C{n},2024-01-0{n + 1},{n}\n" for n in range(6)]
    path.write_text("order_id,customer_id,order_date,amount\n" + "".join(lines))
    draft = place.new_draft()
    intake.ingest([path], draft.folder)
    version = place.commit(draft)
    worker.compute(place, Recipe(version.dataset, "overview"), "duckdb://")
    orders = place.folder / "results" / version.fingerprint / "orders.parquet"
    assert orders.exists()
    assert not list((place.folder / "drafts").glob("*"))
    data = place.open(version.dataset)
    assert data.rolled is not None
    assert data.frame(data.orders().amount.sum()).iloc[0, 0] == 15
    place.delete(version.dataset)
    assert not orders.exists()
