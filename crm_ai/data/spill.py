"""Where engines put what does not fit into memory: a folder of each process, gone when the process is."""

import atexit
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

from crm_ai.settings import settings

PREFIX, LOCK = "crm_ai-spill-", "lock"


def spill_folder() -> Path:
    """An empty folder that no other engine uses; engines that shared one would overwrite each other's files."""
    return Path(tempfile.mkdtemp(dir=_own()[0]))


@lru_cache
def _own() -> tuple[Path, IO[bytes]]:
    """The folder of this process and the lock that says it lives; made when first asked for."""
    place = Path(settings().spill or tempfile.gettempdir())
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    lock = (folder / "new").open("wb")
    _locked(lock)
    (folder / "new").rename(folder / LOCK)  # nobody ever sees it unlocked
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, lock


def _sweep(place: Path) -> None:
    """Remove what processes left that were killed: nobody holds their locks."""
    for path in place.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError), path.open("wb") as lock:
            if _locked(lock):
                shutil.rmtree(path.parent, ignore_errors=True)


def _locked(lock: IO[bytes]) -> bool:
    """Take the lock, unless another process has it; where the system knows no locks, nothing is taken."""
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
