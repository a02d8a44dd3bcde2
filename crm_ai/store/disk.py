"""Files that must be on the disk, or away, whatever happens in between."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

TRASH = "trash"
"""In the workspace: what is being deleted."""


def sync(path: Path) -> None:
    """See that a file or the names in a folder are on the disk, not only in its cache."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush(folder: Path) -> None:
    """The same for all that is new in a folder; what is shared with an earlier version is there already."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() or path.stat().st_nlink == 1:
            sync(path)


def drop(workspace: Path, path: Path) -> None:
    """Out of sight by one rename, then away."""
    target = workspace / TRASH / secrets.token_hex(6)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except FileNotFoundError:  # somebody else was quicker
        return
    remove(target)


def remove(path: Path) -> None:
    """Delete a file, or a folder with all that is in it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def prune(folder: Path) -> None:
    """Remove empty folders; one that somebody fills in this moment stays."""
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        with suppress(OSError):
            path.rmdir()
