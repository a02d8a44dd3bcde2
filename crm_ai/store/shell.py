"""`python -m crm_ai backup FILE` and `restore FILE`: of the workspace and the records that the settings name."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crm_ai.errors import BadFile
from crm_ai.settings import settings


def add(commands: Any) -> None:
    """Describe the two commands to an argparse ``commands``."""
    backup = commands.add_parser("backup", help="write datasets, people and dashboards into one file")
    backup.add_argument("file", type=Path, metavar="FILE", help="a .zip")
    backup.add_argument("--results", action="store_true", help="with results, which would be computed again otherwise")
    restore = commands.add_parser("restore", help="bring back what a backup holds; the server must not run")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--force", action="store_true", help="replace what is there")


def backup(given: argparse.Namespace) -> str:
    """Write it; says what is in it."""
    from crm_ai.store import backups

    if given.file.is_dir() or not given.file.absolute().parent.is_dir():
        raise BadFile("There is no place for {name}: name a file in a folder that is there.", name=str(given.file))
    with _installation() as (workspace, records):
        contents = backups.write(workspace, records, given.file, results=given.results)
    size = given.file.stat().st_size / 1e6
    return f"{given.file}: {contents.datasets:,} datasets, {len(contents.files):,} files, {size:,.1f} MB, checked"


def restore(given: argparse.Namespace) -> str:
    """Bring it back; says what it was."""
    from crm_ai.store import restoring

    if not given.file.is_file():
        raise BadFile("There is no file {path}.", path=str(given.file))
    with _installation() as (workspace, records):
        contents = restoring.restore(workspace, records, given.file, force=given.force)
    return f"{workspace.folder}: {contents.datasets:,} datasets, as they were on {contents.made_at} UTC"


COMMANDS = {"backup": backup, "restore": restore}


@contextmanager
def _installation() -> Iterator[tuple[Any, Any]]:
    from crm_ai.records import Records
    from crm_ai.store import Workspace

    records = Records.open(settings().workspace, settings().records)
    try:
        yield Workspace(settings().workspace), records
    finally:
        records.close()
