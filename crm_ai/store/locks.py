"""Who works on what: a file that stays locked as long as a server process or one of its workers lives.

The kernel lets go of the lock when the last of them is gone, however it went: nothing is ever left locked.
"""

import fcntl
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

FOLDER, ENDING = "locks", ".lock"
_ONE_AT_A_TIME = Lock()  # threads that ask at once must get the same owner


@dataclass(frozen=True)
class Owner:
    """A process among those that share a workspace.

    Attributes:
        name: of its lock; its drafts begin with it.
        descriptor: of the locked file; a child that inherits it keeps the lock.
    """

    name: str
    descriptor: int


def owner(folder: Path) -> Owner:
    """This process; its lock is taken when first asked for and held to its end."""
    with _ONE_AT_A_TIME:
        return _owner(folder, os.getpid())


@lru_cache
def _owner(folder: Path, process: int) -> Owner:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    while (found := _locked(folder, secrets.token_hex(4))) is None:
        pass
    return found


def _locked(folder: Path, name: str) -> Owner | None:
    """Make the file and lock it; None where another process swept it away or holds it in that moment."""
    path = _path(folder, name)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if _taken(descriptor) and path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
        return Owner(name, descriptor)
    os.close(descriptor)
    return None


def lives(folder: Path, name: str) -> bool:
    """Whether the owner of that name, or a worker of it, is still there."""
    try:
        descriptor = os.open(_path(folder, name), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _taken(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Drop the locks that nobody holds."""
    for path in (folder / FOLDER).glob(f"*{ENDING}"):
        if not lives(folder, path.name.removesuffix(ENDING)):
            path.unlink(missing_ok=True)


def _path(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}{ENDING}"


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
