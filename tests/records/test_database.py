"""The database of people and dashboards: SQLite and PostgreSQL, several processes, and what is left after a kill."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from crm_ai.errors import BadParameter, CrmError, MissingExtra
from crm_ai.records import Records, audit, database, now
from crm_ai.records.tables import METADATA, dashboards, grants

ROOT = Path(__file__).parents[2]
WRITERS, SAVES = 3, 25


def counted(records: Records) -> int:
    with records.read() as connection:
        return int(connection.execute(select(dashboards.c.revision)).scalar_one())


def with_a_board(records: Records) -> None:
    with records.write() as connection:
        row = {"id": "board", "revision": 0, "document": {"title": "图"}, "changed_at": now()}
        connection.execute(insert(dashboards), row)


def writer(folder: Path, url: str, saves: int) -> "subprocess.Popen[str]":
    """A process that opens the database and raises the revision of the board so many times, a line each."""
    command = [sys.executable, "-m", "tests.records.writing", str(folder), url, str(saves)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_migrations_make_exactly_the_tables_that_are_described(records):
    with records.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, METADATA) == []
        indexes = {table: {i["name"] for i in inspect(connection).get_indexes(table)} for table in METADATA.tables}
    for name, table in METADATA.tables.items():
        assert {index.name for index in table.indexes} <= indexes[name]


def test_the_newest_step_is_the_one_that_alembic_takes_for_it():
    assert ScriptDirectory(str(database.MIGRATIONS)).get_heads() == [database.newest()]


def test_opening_again_changes_nothing(records, url, tmp_path):
    with_a_board(records)
    again = Records.open(tmp_path, url)
    assert counted(again) == 0
    again.close()


def test_an_error_takes_the_whole_transaction_back(records):
    with pytest.raises(ZeroDivisionError), records.write() as connection:  # noqa: PT012
        audit.note(connection, "ann", "dashboard saved")
        1 / 0  # noqa: B018
    assert audit.acts(records) == []


def test_what_is_written_comes_back_with_its_types(records):
    with records.write() as connection:
        audit.note(connection, "安@例子.cn", "dashboard saved", "dashboard", "x", revision=3, title="销售 📈")
    (act,) = audit.acts(records, "dashboard", "x")
    assert act.detail == {"revision": 3, "title": "销售 📈"}
    assert act.at.tzinfo is None
    assert abs((now() - act.at).total_seconds()) < 60


def test_a_database_of_a_newer_program_is_refused(records, url, tmp_path):
    with records.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadParameter, match="newer version"):
        Records.open(tmp_path, url)


def test_a_lock_that_takes_too_long_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    records, other = Records.open(tmp_path), Records.open(tmp_path)
    with records.write() as connection:
        audit.note(connection, "ann", "dashboard saved")
        with pytest.raises(CrmError, match="does not answer"), other.write():
            pytest.fail("two writers at once")


@pytest.mark.parametrize(
    ("address", "kind", "word"),
    [
        ("nonsense", BadParameter, "not the address"),
        ("nothing://host/db", BadParameter, "not the address"),
        ("mssql+pyodbc://u:s3cr3t@host/db", MissingExtra, "pyodbc"),
        ("postgresql://u:s3cr3t@127.0.0.1:1/db", BadParameter, "does not answer"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(address, kind, word, tmp_path):
    with pytest.raises(kind, match=word) as caught:
        Records.open(tmp_path, address)
    assert "s3cr3t" not in str(caught.value)


def test_postgresql_opens_by_the_usual_short_addresses(database, tmp_path):
    url = database()
    for short in ("postgres", "postgresql", "postgresql+psycopg"):
        Records.open(tmp_path, url.replace("postgresql+psycopg", short)).close()
    assert not (tmp_path / "records.db").exists()


def test_a_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "a b?c#d%41&客户=1"
    records = Records.open(folder)
    with_a_board(records)
    assert (folder / "records.db").exists()
    records.close()


@pytest.mark.slow
def test_processes_that_open_and_write_at_once_lose_nothing(url, tmp_path):
    """They find no tables yet; the first makes them, and the others wait for it."""
    processes = [writer(tmp_path, url, SAVES) for _ in range(WRITERS)]
    ends = [process.communicate(timeout=120) for process in processes]
    assert [error for _, error in ends if error] == []
    records = Records.open(tmp_path, url)
    assert counted(records) == WRITERS * SAVES
    assert len(audit.acts(records, most=1000)) == WRITERS * SAVES
    records.close()


@pytest.mark.slow
def test_after_kill_9_the_database_is_whole_and_has_all_that_was_said(records, url, tmp_path):
    with_a_board(records)
    for lines in (1, 7, 20):
        process, before = writer(tmp_path, url, 10_000), counted(records)
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(lines)]
        process.kill()
        process.communicate()
        here = Records.open(tmp_path, url)
        assert counted(here) >= said[-1] >= before + lines
        with here.read() as connection:  # the act is written in the transaction of the save
            acts = connection.execute(select(func.count()).select_from(METADATA.tables["audit"])).scalar()
            assert acts == counted(here)
            if not url:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        here.close()


def test_readers_do_not_wait_for_a_writer(records):
    with_a_board(records)
    with records.write() as connection:
        connection.execute(update(dashboards).values(revision=9))
        assert counted(records) == 0
    assert counted(records) == 9


def test_one_moment_is_seen_as_it_was_while_others_write(records):
    with_a_board(records)
    with records.moment() as connection:
        query = select(dashboards.c.revision)
        assert connection.execute(query).scalar() == 0
        with records.write() as other:
            other.execute(update(dashboards).values(revision=1))
        assert connection.execute(query).scalar() == 0
    assert counted(records) == 1


def test_a_second_row_of_the_same_key_is_refused(records):
    row = {"kind": "dataset", "thing": "a", "who": "*", "level": "view"}
    with records.write() as connection:
        connection.execute(insert(grants), row)
    with pytest.raises(IntegrityError), records.write() as connection:
        connection.execute(insert(grants), row)
