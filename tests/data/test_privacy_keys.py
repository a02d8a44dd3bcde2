"""The key of the codes: made once, kept to its owner, never lost silently."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from crm_ai.data.privacy import key, key_id
from crm_ai.data.privacy.keys import VARIABLE
from crm_ai.errors import BadFile


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "new" / "key"
    made = key(path)
    assert len(made) == 32
    assert key(path) == made != key(tmp_path / "other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_the_variable_wins_and_no_file_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "a sentence that only we know")
    made = key(tmp_path / "key")
    assert len(made) == 32
    assert not (tmp_path / "key").exists()
    monkeypatch.setenv(VARIABLE, "another sentence")
    assert key(tmp_path / "key") != made


def test_the_text_of_the_file_serves_as_the_variable_elsewhere(tmp_path, monkeypatch):
    made = key(tmp_path / "key")
    monkeypatch.setenv(VARIABLE, (tmp_path / "key").read_text().upper() + "\n")
    assert key(tmp_path / "elsewhere") == made


def test_processes_that_start_together_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(key, [tmp_path / "key"] * 40))) == 1


@pytest.mark.parametrize("damage", [b"", b"abc", b"\xff\xfe\x00" * 20])
def test_a_damaged_file_is_said_and_not_replaced(damage, tmp_path):
    (tmp_path / "key").write_bytes(damage)
    with pytest.raises(BadFile, match="key of the codes in key"):
        key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == damage


def test_a_place_that_is_no_file_is_said(tmp_path):
    with pytest.raises(BadFile, match="cannot be read"):
        key(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="cannot be read"):
        key(tmp_path / "file" / "key")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_said(tmp_path):
    key(tmp_path / "key")
    (tmp_path / "key").chmod(0)
    with pytest.raises(BadFile, match="cannot be read"):
        key(tmp_path / "key")


def test_the_id_of_a_key_tells_keys_apart_and_nothing_else():
    assert key_id(b"one") == key_id(b"one") != key_id(b"two")
    assert len(key_id(b"one")) == 12
