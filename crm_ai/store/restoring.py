"""The way back from a backup.

Everything is unpacked and checked beside what is there. Only then a manifest is put there too: from this moment on the
change is carried through, by whoever starts next if need be (``finish``). Before it nothing has changed, so there is
never a half.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from zipfile import ZipFile

from crm_ai.errors import BadParameter
from crm_ai.records import Records, rows
from crm_ai.store import disk, locks
from crm_ai.store.backups import BESIDE, FILES, HEAD, ROWS, Contents, copy, opened, passing
from crm_ai.store.workspace import Workspace


def restore(workspace: Workspace, records: Records, path: Path, *, force: bool = False) -> Contents:
    """Make the workspace and the records what they were.

    Args:
        force: replace what is there; otherwise only an empty workspace is filled.

    Raises:
        BadFile: the backup is not whole; nothing has changed.
        BadParameter: a server runs, there is something already, or there is no room; nothing has changed.
    """
    with _alone(workspace.folder):
        _carry_through(workspace, records)
        if any(locks.lives(workspace.folder, name) for name in _others(workspace.folder)):
            raise BadParameter("A server works in this workspace: stop it first.")
        if not force and (workspace.datasets() or not rows.empty(records)):
            raise BadParameter("This workspace is not empty: add --force to replace all that is in it.")
        contents = _unpacked(path, workspace.folder / BESIDE, records)
        _carry_through(workspace, records)
    return contents


def finish(workspace: Workspace, records: Records) -> None:
    """On start: carry through, or clear away, what a killed restore left; from now on the workspace is in use."""
    with _alone(workspace.folder):
        _carry_through(workspace, records)
        locks.owner(workspace.folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "restore.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _others(folder: Path) -> list[str]:
    mine = locks.owner(folder).name
    return [path.stem for path in (folder / locks.FOLDER).glob(f"*{locks.ENDING}") if path.stem != mine]


def _unpacked(path: Path, beside: Path, records: Records) -> Contents:
    """Everything in its place beside the workspace's own, checked and on the disk; the manifest comes last."""
    try:
        with opened(path) as (archive, contents):
            _find_room(archive, beside.parent)
            for member, digest in contents.members.items():
                _unpack(archive, member, beside / member, digest)
            with (beside / ROWS).open(encoding="utf-8") as lines:
                rows.rehearse(records, lines)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    disk.flush(beside)
    _link_equals(contents, beside)
    for name in contents.folders:
        (beside / FILES / name).mkdir(parents=True, exist_ok=True)
    draft = beside / "draft"
    draft.write_text(json.dumps(asdict(contents)), "utf-8")
    disk.flush(beside)
    draft.rename(beside / HEAD)
    disk.sync(beside)
    return contents


def _find_room(archive: ZipFile, folder: Path) -> None:
    if sum(member.file_size for member in archive.infolist()) > shutil.disk_usage(folder).free:
        raise BadParameter("There is not enough room on the disk for this backup.")


def _unpack(archive: ZipFile, member: str, target: Path, digest: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if target.suffix == ".key" else 0o666
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with archive.open(member) as source, os.fdopen(descriptor, "wb") as file:
        copy(source, file, digest)


def _link_equals(contents: Contents, beside: Path) -> None:
    members = {digest: member for member, digest in contents.members.items()}
    for name, digest in contents.files.items():
        target = beside / FILES / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(beside / members[digest], target)


def _carry_through(workspace: Workspace, records: Records) -> None:
    """Every step may be done twice: the rows in one transaction, then a rename for each part."""
    beside = workspace.folder / BESIDE
    if (beside / HEAD).exists():
        contents = Contents(**json.loads((beside / HEAD).read_text("utf-8")))
        with records.write() as connection, (beside / ROWS).open(encoding="utf-8") as lines:
            rows.replace(connection, lines)
        parts = {name.partition("/")[0] for name in [*contents.files, *contents.folders]}
        for path in list(workspace.folder.iterdir()):
            if path.name not in parts and not passing(path.name):
                disk.drop(workspace.folder, path)
        for name in sorted(parts):
            _take(workspace.folder, beside / FILES / name)
    disk.drop(workspace.folder, beside)


def _take(folder: Path, new: Path) -> None:
    """Put a part in the place of what is there, unless that is done."""
    if new.exists():
        disk.drop(folder, folder / new.name)
        new.rename(folder / new.name)
        disk.sync(folder)
