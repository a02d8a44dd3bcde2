import json

import pytest

from crm_ai.data.dataset import MANIFEST
from crm_ai.data.intake import write_json
from crm_ai.errors import UnknownName
from crm_ai.store import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def add(workspace: Workspace, title: str, created: str) -> str:
    folder = workspace.new_dataset()
    write_json(folder / MANIFEST, {"name": title, "created_at": created, "fingerprint": title, "tables": {}})
    return folder.name


def test_datasets_are_listed_newest_first(workspace):
    old, new = add(workspace, "old", "2024-01-01"), add(workspace, "new", "2024-02-01")
    assert list(workspace.datasets()) == [new, old]


def test_a_dataset_without_manifest_does_not_count(workspace):
    workspace.new_dataset()
    assert workspace.datasets() == {}


def test_rename_and_delete(workspace):
    name = add(workspace, "before", "2024-01-01")
    workspace.rename(name, "后来")
    assert workspace.datasets()[name]["name"] == "后来"
    workspace.delete(name)
    assert workspace.datasets() == {}


@pytest.mark.parametrize("name", ["missing", "../../etc", "a/b", "", "."])
def test_no_name_leads_out_of_the_workspace(workspace, name):
    with pytest.raises(UnknownName):
        workspace.dataset_folder(name)


def test_a_document_is_replaced_whole(tmp_path):
    write_json(tmp_path / "a.json", {"x": 1})
    write_json(tmp_path / "a.json", {"x": 2})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
