"""Query engines that tests start by themselves."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own on loopback; yields its URL. Root runs it as the user postgres."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp())
    if as_user:
        shutil.chown(folder, "postgres")
    port, data = _free_port(), folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _quietly(*as_user, initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")
    _quietly(*as_user, control, "-D", data, "-o", options, "-w", "-l", folder / "log", "start")
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        _quietly(*as_user, control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(shutil.which(name) or "")]
    if not found[-1].is_file():
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    return str(found[-1])


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _quietly(*command: str | Path) -> None:
    silent = subprocess.DEVNULL
    subprocess.run(command, check=True, stdin=silent, stdout=silent, stderr=silent, cwd="/")
