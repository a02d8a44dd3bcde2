"""An installation in one file.

It is a zip that any program opens: ``manifest.json`` (what, when, the SHA-256 of everything), ``records.jsonl`` (a row
a line, for SQLite and PostgreSQL alike) and ``files/``, as they lie in the workspace. Files that versions share are
stored once. Drafts stay out, and so do results, which are computed again when somebody asks. ``restoring`` is the way
back.
"""

import hashlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from crm_ai.data.dataset import MANIFEST
from crm_ai.errors import BadFile
from crm_ai.records import Records, now, rows
from crm_ai.records.database import newest
from crm_ai.store import locks
from crm_ai.store.disk import TRASH
from crm_ai.store.workspace import Workspace

FORMAT = 1
HEAD, ROWS, FILES = "manifest.json", "records.jsonl", "files"
RESULTS, DRAFTS, BESIDE = "results", "drafts", "restoring"
PASSING = {RESULTS, DRAFTS, TRASH, locks.FOLDER, BESIDE, "records.lock", "restore.lock"}
"""In the workspace, and not part of a backup; nor are the files of the records themselves."""
PACKED = {".parquet", ".zip", ".xlsx", ".gz"}
CHUNK = 1 << 20
BROKEN = (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, NotImplementedError, RuntimeError)
"""What reading a zip that is none, or not ours, ends with."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds.

    Attributes:
        made_at: ISO, UTC.
        revision: of the tables of the records.
        rows: SHA-256 of the rows.
        files: path in the workspace -> SHA-256; equal files are taken from the first path.
        folders: empty ones that mean something: numbers of versions that were deleted.
    """

    made_at: str
    revision: str
    rows: str
    files: dict[str, str]
    folders: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def datasets(self) -> int:
        return len({path.split("/")[1] for path in self.files if path.startswith("datasets/")})

    @property
    def members(self) -> dict[str, str]:
        """Name in the zip -> SHA-256, of what a restore needs."""
        first: dict[str, str] = {}
        for path, digest in self.files.items():
            first.setdefault(digest, f"{FILES}/{path}")
        return {ROWS: self.rows} | {member: digest for digest, member in first.items()}


def write(workspace: Workspace, records: Records, path: Path, *, results: bool = False) -> Contents:
    """Write a backup and read it again to be sure; servers may work in the meantime.

    Args:
        path: of the file; one that is there is replaced when the new one is whole.
        results: whether results come along, so that nothing needs to be computed again.

    Raises:
        BadFile: what was written does not read as it should.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with _snapshot(workspace, results) as folder, draft.open("xb") as file:
            os.chmod(draft, 0o600)  # the key of hidden values is in it
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                contents = _filled(archive, workspace, records, folder)
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return contents


def check(path: Path) -> Contents:
    """Read all of a backup.

    Raises:
        BadFile: it is none, or not whole.
    """
    with opened(path) as (archive, contents):
        for member, digest in contents.members.items():
            with archive.open(member) as file:
                copy(file, None, digest)
    return contents


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    """A backup to read from.

    Raises:
        BadFile: it is none, or not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, described(json.loads(archive.read(HEAD)))
    except BROKEN:
        raise BadFile("{name} is not a whole backup: take another one.", name=path.name) from None


def described(document: dict[str, Any]) -> Contents:
    """The contents as the manifest tells them.

    Raises:
        BadFile: a newer program wrote it.
        KeyError, TypeError, ValueError: it is no manifest of ours.
    """
    if document["format"] > FORMAT or document["revision"] > newest():
        raise BadFile("A newer version of this program made this backup: install that one first.")
    contents = Contents(**document)
    if not all(map(_harmless, [*contents.files, *contents.folders])):
        raise ValueError
    return contents


def passing(name: str) -> bool:
    """Whether a part of the workspace is none of a backup."""
    return name in PASSING or name.startswith("records.db")


def copy(source: IO[bytes], target: IO[bytes] | None = None, expected: str = "") -> str:
    """Copy, or only read; gives the SHA-256.

    Raises:
        ValueError: it is not the one expected.
    """
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        if target:
            target.write(chunk)
    if expected not in ("", digest.hexdigest()):
        raise ValueError
    return digest.hexdigest()


def _harmless(name: str) -> bool:
    """Whether a path leads to a place inside the workspace that a backup may fill."""
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    return plain and bool(path.parts) and (path.parts[0] == RESULTS or not passing(path.parts[0]))


@contextmanager
def _snapshot(workspace: Workspace, results: bool) -> Iterator[Path]:
    """The files of this moment: links to them, so that nothing changes or goes while they are read."""
    folder = workspace.folder / DRAFTS / f"{locks.owner(workspace.folder).name}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        for path in workspace.folder.iterdir():
            if not passing(path.name) or (results and path.name == RESULTS):
                _link(path, folder / path.name)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _link(path: Path, target: Path) -> None:
    """Link a file, or all that is in a folder. Of what is being deleted parts may be missing, see ``_gone``."""
    with suppress(FileNotFoundError):
        if path.is_file():
            os.link(path, target)
            return
        target.mkdir()
        for child in path.iterdir():
            _link(child, target / child.name)


def _filled(archive: zipfile.ZipFile, workspace: Workspace, records: Records, folder: Path) -> Contents:
    """The rows first: a dataset that is there now has its owner in them, and one that went by then is left out."""
    digest = _add_rows(archive, records)
    for gone in _gone(workspace, folder):
        shutil.rmtree(gone)
    files = _add_files(archive, folder)
    folders = tuple(
        path.relative_to(folder).as_posix() for path in folder.glob("datasets/*/versions/*") if not any(path.iterdir())
    )
    contents = Contents(now().isoformat("T", "seconds"), newest(), digest, files, folders)
    archive.writestr(HEAD, json.dumps(asdict(contents), ensure_ascii=False, indent=1))
    return contents


def _gone(workspace: Workspace, folder: Path) -> list[Path]:
    """Versions that were deleted in the meantime."""
    versions = [path.parent for path in folder.glob(f"datasets/*/versions/*/{MANIFEST}")]
    return [path for path in versions if not (workspace.folder / path.relative_to(folder) / MANIFEST).exists()]


def _add_rows(archive: zipfile.ZipFile, records: Records) -> str:
    digest = hashlib.sha256()
    with archive.open(ROWS, "w", force_zip64=True) as file:
        for line in rows.lines(records):
            file.write(text := f"{line}\n".encode())
            digest.update(text)
    return digest.hexdigest()


def _add_files(archive: zipfile.ZipFile, folder: Path) -> dict[str, str]:
    """Path -> SHA-256; a file with several names is stored under the first."""
    found: dict[str, str] = {}
    stored: dict[int, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, inode = path.relative_to(folder).as_posix(), path.stat().st_ino
        if inode not in stored:
            stored[inode] = _add(archive, path, f"{FILES}/{name}")
        found[name] = stored[inode]
    return found


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    head = zipfile.ZipInfo(name)
    head.compress_type = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(head, "w", force_zip64=True) as target:
        return copy(source, target)
