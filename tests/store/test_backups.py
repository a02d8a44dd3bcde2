"""Backup and restore: a whole installation goes out and comes back, or nothing changes."""

import json
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from crm_ai import __main__ as shell
from crm_ai.access import grants
from crm_ai.errors import BadFile, BadParameter
from crm_ai.records import Records, audit, now, rows
from crm_ai.records.tables import METADATA, dashboards, schedules, sessions
from crm_ai.settings import settings
from crm_ai.store import Workspace, backups, restoring
from tests import crashing
from tests.records.conftest import database
from tests.test_crash import Nursery

__all__ = ["database"]
ROOT = Path(__file__).parents[2]
HEAD = "order_id,customer_id,order_date,product,quantity,unit_price\n"


def lines(first: int) -> str:
    return HEAD + "".join(f"{n},C{n % 9},2024-03-{n % 28 + 1:02},Tea,1,{n}\n" for n in range(first, first + 40))


def written(records: Records) -> dict[str, list[Any]]:
    """All rows that a backup keeps, without the numbers that a database gives."""
    found = {}
    with records.read() as connection:
        for name, table in rows.KEPT.items():
            columns = [column for column in table.c if column is not table.autoincrement_column]
            query = select(*columns).order_by(*table.primary_key)
            found[name] = [tuple(row) for row in connection.execute(query)]
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Path -> what is in it, of everything that a backup keeps."""
    found = (path for path in folder.rglob("*") if not backups.passing(path.relative_to(folder).parts[0]))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in found}


def with_rows(records: Records, dataset: str) -> None:
    with records.write() as connection:
        grants.own(connection, "dataset", dataset, "ann@example.com")
        board = {"id": "b1", "revision": 3, "document": {"title": "销售 📈", "tiles": []}, "changed_at": now()}
        connection.execute(insert(dashboards), board)
        schedule = {"id": "s1", "dashboard": "b1", "made_by": "ann@example.com", "document": {}, "next_at": now()}
        connection.execute(insert(schedules), schedule)
        moments = {name: now() for name in ("created_at", "seen_at", "expires_at")}
        connection.execute(insert(sessions), {"token_hash": "x", "email": "ann@example.com", "client": "", **moments})
        for number in range(3):
            audit.note(connection, "ann@example.com", "dashboard saved", "dashboard", "b1", revision=number)


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> tuple[Workspace, Records]:
    """Two datasets: one of three versions that share files, whose newest was deleted; columns, a key, rows."""
    workspace = Workspace(tmp_path_factory.mktemp("installation"))
    crashing.add(workspace, "shop.csv", lines(0))
    dataset = next(iter(workspace.datasets()))
    crashing.add(workspace, "more.csv", lines(100), dataset)
    crashing.add(workspace, "most.csv", lines(200), dataset)
    workspace.delete_version(f"{dataset}@3")
    crashing.add(workspace, "other.csv", lines(300))
    crashing.run(workspace, dataset, 5)
    (workspace.folder / "privacy.key").write_bytes(b"secret")
    records = Records.open(workspace.folder)
    with_rows(records, dataset)
    return workspace, records


@pytest.fixture(scope="module")
def backup(installation, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "crm.zip"
    backups.write(*installation, path)
    return path


@pytest.fixture
def empty(tmp_path) -> tuple[Workspace, Records]:
    return Workspace(tmp_path / "new"), Records.open(tmp_path / "new")


def test_everything_comes_back(installation, backup, empty):
    contents = restoring.restore(*empty, backup)
    assert contents.datasets == 2
    assert files(empty[0].folder) == files(installation[0].folder)
    assert written(empty[1]) == written(installation[1])
    for name in empty[0].datasets():
        for version in empty[0].versions(name):
            assert len(empty[0].open(version.address).frame(empty[0].open(version.address).table("transactions"))) > 30


def test_who_was_signed_in_signs_in_anew(backup, empty):
    restoring.restore(*empty, backup)
    with empty[1].read() as connection:
        assert connection.execute(select(sessions)).all() == []


def test_the_number_of_a_deleted_version_is_not_given_again(backup, empty):
    restoring.restore(*empty, backup)
    dataset = next(name for name, version in empty[0].datasets().items() if version.number == 2)
    crashing.add(empty[0], "again.csv", lines(400), dataset)
    assert empty[0].version(dataset).number == 4


def test_files_that_versions_share_are_stored_once_and_shared_again(installation, backup, empty):
    contents = backups.check(backup)
    assert len(contents.members) - 1 < len(contents.files)
    restoring.restore(*empty, backup)
    shared = [path for path in (empty[0].folder / "datasets").rglob("*") if path.is_file() and path.stat().st_nlink > 1]
    assert shared


def test_results_come_along_when_asked(installation, backup, empty, tmp_path):
    assert not any(path.startswith("results/") for path in backups.check(backup).files)
    backups.write(*installation, tmp_path / "more.zip", results=True)
    restoring.restore(*empty, tmp_path / "more.zip")
    known = [path.relative_to(installation[0].folder) for path in (installation[0].folder / "results").rglob("*")]
    assert known
    assert all((empty[0].folder / path).exists() for path in known)


def test_rows_move_from_sqlite_to_postgresql_and_back(installation, backup, database, tmp_path):
    server = Workspace(tmp_path / "server"), Records.open(tmp_path / "server", database())
    restoring.restore(*server, backup)
    assert written(server[1]) == written(installation[1])
    with server[1].write() as connection:
        audit.note(connection, "bob@example.com", "link made")  # its number follows those that came
    backups.write(*server, tmp_path / "back.zip")
    assert [act.who for act in audit.acts(server[1])][:2] == ["bob@example.com", "ann@example.com"]
    back = Workspace(tmp_path / "lite"), Records.open(tmp_path / "lite")
    restoring.restore(*back, tmp_path / "back.zip")
    assert written(back[1]) == written(server[1])
    server[1].close()


def test_only_the_owner_of_the_file_may_read_it(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_the_key_stays_with_its_owner(backup, empty):
    restoring.restore(*empty, backup)
    assert stat.S_IMODE((empty[0].folder / "privacy.key").stat().st_mode) == 0o600


# ---- refusals --------------------------------------------------------------------------------------------------------


def test_what_is_there_is_replaced_only_when_asked(installation, backup, empty):
    crashing.add(empty[0], "mine.csv", lines(500))
    with_rows(empty[1], "mine")
    (empty[0].folder / "stray").write_text("of an older program")
    before = files(empty[0].folder), written(empty[1])
    with pytest.raises(BadParameter, match="--force"):
        restoring.restore(*empty, backup)
    assert (files(empty[0].folder), written(empty[1])) == before
    restoring.restore(*empty, backup, force=True)
    assert files(empty[0].folder) == files(installation[0].folder)
    assert written(empty[1]) == written(installation[1])


def test_rows_alone_are_something(backup, empty):
    with_rows(empty[1], "mine")
    with pytest.raises(BadParameter, match="not empty"):
        restoring.restore(*empty, backup)


HOLDER = """
import sys
from pathlib import Path
from crm_ai.store import locks
locks.owner(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_running_server_is_not_pulled_from_under_its_visitors(backup, empty):
    command = [sys.executable, "-c", HOLDER, str(empty[0].folder)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        with pytest.raises(BadParameter, match="stop it first"):
            restoring.restore(*empty, backup)
        server.communicate()
    restoring.restore(*empty, backup)


def changed(backup: Path, path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a backup with other members."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def manifest(members: dict[str, bytes], **parts: Any) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | parts).encode()


def moved(name: str) -> Callable[[dict[str, bytes]], None]:
    """A file that wants to go elsewhere."""

    def change(members: dict[str, bytes]) -> None:
        document = json.loads(members["manifest.json"])
        path, digest = next(iter(document["files"].items()))
        members[f"files/{name}"] = members[f"files/{path}"]
        manifest(members, files={name: digest})

    return change


def with_other_rows(members: dict[str, bytes]) -> None:
    """Rows that no table takes, with the right checksum."""
    import hashlib

    members["records.jsonl"] = b'["grants", {"kind": "dataset"}]\n'
    manifest(members, rows=hashlib.sha256(members["records.jsonl"]).hexdigest())


BROKEN: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a byte is other": lambda m: m.update({"files/privacy.key": b"Secret"}),
    "a file is missing": lambda m: m.pop("files/privacy.key") and None,
    "a row is missing": lambda m: m.update({"records.jsonl": m["records.jsonl"].split(b"\n", 1)[1]}),
    "no manifest": lambda m: m.pop("manifest.json") and None,
    "manifest of something else": lambda m: m.update({"manifest.json": b"[1, 2]"}),
    "unknown words": lambda m: manifest(m, colour="red"),
    "a newer format": lambda m: manifest(m, format=99),
    "newer tables": lambda m: manifest(m, revision="9999"),
    "rows that do not fit": with_other_rows,
    "out of the workspace": moved("../outside.txt"),
    "from the root": moved("/tmp/outside.txt"),
    "through a folder": moved("datasets/../../outside.txt"),
    "into the locks": moved("locks/x.lock"),
    "over the records": moved("records.db"),
    "a folder outside": lambda m: manifest(m, folders=["../outside"]),
}


@pytest.mark.filterwarnings("ignore:Column:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("case", list(BROKEN))
def test_a_backup_that_is_not_whole_changes_nothing(case, backup, empty, tmp_path):
    before = sorted(path for path in tmp_path.rglob("*") if path.suffix != ".lock")
    bad = changed(backup, tmp_path / "bad.zip", BROKEN[case])
    with pytest.raises(BadFile):
        restoring.restore(*empty, bad)
    bad.unlink()
    after = [path for path in tmp_path.rglob("*") if path.suffix != ".lock" and path.name not in ("locks", "trash")]
    assert sorted(after) == before
    assert rows.empty(empty[1])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_off_is_refused(share, backup, empty, tmp_path):
    path = tmp_path / "cut.zip"
    path.write_bytes(backup.read_bytes()[: int(share * backup.stat().st_size)])
    with pytest.raises(BadFile, match="not a whole backup"):
        restoring.restore(*empty, path)


# ---- at any moment ---------------------------------------------------------------------------------------------------


def test_servers_may_work_while_a_backup_is_written(installation, tmp_path):
    """Versions come and go in the meantime; each one in the backup is whole, and has its owner."""
    workspace, records = Workspace(tmp_path / "busy"), Records.open(tmp_path / "busy")
    crashing.add(workspace, "shop.csv", lines(0))
    dataset, over = next(iter(workspace.datasets())), threading.Event()

    def work() -> None:
        number = 0
        while not over.is_set():
            number += 1
            crashing.add(workspace, f"{number}.csv", lines(1000 * number), dataset)
            workspace.delete_version(workspace.versions(dataset)[1].address)

    worker = threading.Thread(target=work)
    worker.start()
    for number in range(5):
        backups.write(workspace, records, tmp_path / f"{number}.zip")
    over.set()
    worker.join()
    for number in range(5):
        new = Workspace(tmp_path / f"new{number}"), Records.open(tmp_path / f"new{number}")
        restoring.restore(*new, tmp_path / f"{number}.zip")
        for version in new[0].versions(dataset):
            data = new[0].open(version.address)
            assert len(data.frame(data.table("transactions"))) == version.rows
        new[1].close()


@pytest.fixture
def nursery(tmp_path) -> Iterator[Nursery]:
    found = Nursery(tmp_path / "workspace")
    yield found
    found.close()


@pytest.mark.slow
def test_kill_9_at_any_moment_leaves_the_old_or_the_new(installation, backup, nursery, tmp_path):
    """Before every change that a restore makes; whoever starts next carries it through or clears it away."""
    folder, other = tmp_path / "workspace", tmp_path / "other.zip"
    nursery.order("add", "old.csv", lines(600))
    nursery.order("backup", str(other))
    records = Records.open(folder)
    old, new = (files(folder), written(records)), (files(installation[0].folder), written(installation[1]))
    seen, moment = [], 0
    while nursery.order("restore", str(backup), before=moment)["killed"]:
        nursery.order("start")
        found = files(folder), written(records)
        assert found in (old, new), moment
        assert not (folder / backups.BESIDE).exists()
        seen.append(found == new)
        nursery.order("restore", str(other))
        moment += 7
    assert seen == sorted(seen)  # up to one moment the old, from then on the new
    assert set(seen) == {False, True}
    records.close()


@pytest.mark.slow
def test_a_killed_backup_leaves_the_one_before_and_the_workspace(nursery, tmp_path):
    folder, path = tmp_path / "workspace", tmp_path / "workspace" / "crm.zip"
    nursery.order("add", "old.csv", lines(600))
    before, number = files(folder), 0
    while nursery.order("backup", str(path), before=number)["killed"]:
        nursery.order("start")
        assert {name: content for name, content in files(folder).items() if "crm.zip" not in name} == before
        assert list((folder / "drafts").glob("*")) == []
        number += 4
    assert backups.check(path).datasets == 1
    assert number > 8


# ---- from a shell ----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(monkeypatch, tmp_path) -> Iterator[Path]:
    """An installation of its own for the shell."""
    monkeypatch.setenv("CRM_AI_WORKSPACE", str(tmp_path / "here"))
    monkeypatch.delenv("CRM_AI_RECORDS", raising=False)
    settings.cache_clear()
    yield tmp_path / "here"
    settings.cache_clear()


def test_the_shell_brings_a_backup_back_and_makes_another(here, backup, installation, capsys, tmp_path):
    assert shell.main(["restore", str(backup)]) == 0
    assert "2 datasets" in capsys.readouterr().out
    assert shell.main(["backup", str(tmp_path / "again.zip"), "--results"]) == 0
    assert "checked" in capsys.readouterr().out
    assert backups.check(tmp_path / "again.zip").files == backups.check(backup).files
    assert files(here) == files(installation[0].folder)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["backup", "no/such/folder/x.zip"], "no place"),
        (["backup", "{folder}"], "no place"),
        (["restore", "missing.zip"], "missing.zip"),
        (["restore", "{backup}"], "--force"),
    ],
)
def test_the_shell_says_what_is_wrong_in_one_sentence(arguments, word, here, backup, capsys, tmp_path):
    workspace = Workspace(here)
    crashing.add(workspace, "mine.csv", lines(0))
    places = {"folder": tmp_path, "backup": backup}
    assert shell.main([argument.format(**places) for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert said.count("\n") == 1


def test_every_table_is_kept_or_left_out_on_purpose():
    assert set(METADATA.tables) - set(rows.KEPT) == {"sessions", "tries"}
