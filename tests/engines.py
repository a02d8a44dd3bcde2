"""Query engines that tests start by themselves."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

QUICK = "-XX:TieredStopAtLevel=1"
"""Java's first compiler only: half the time for runs that end before the second pays."""


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own on loopback; yields its URL. Root runs it as the user postgres."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp())
    if as_user:
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _quietly(*as_user, initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")
    _quietly(*as_user, control, "-D", data, "-o", options, "-w", "-l", folder / "log", "start")
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        _quietly(*as_user, control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def spark_local() -> str:
    """The address of Spark inside the test's own process."""
    _needs_spark()
    return f"local[2]?spark.driver.extraJavaOptions={QUICK}"


@contextmanager
def spark_cluster() -> Iterator[str]:
    """A standalone cluster of our own on loopback, one master and two workers; yields its address."""
    _needs_spark()
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        log = stack.enter_context((folder / "log").open("wb"))
        where = ["--host", "127.0.0.1", "--webui-port", "0"]
        stack.enter_context(_daemon("master.Master", *where, "--port", str(port), log=log))
        _wait(lambda: _listens(port), folder / "log")
        for number in range(2):
            room = ["--cores", "1", "--memory", "700m", "--work-dir", str(folder / f"worker{number}")]
            stack.enter_context(_daemon("worker.Worker", *where, *room, url, log=log))
        _wait(lambda: (folder / "log").read_bytes().count(b"Successfully registered with master") == 2, folder / "log")
        quick = f"spark.driver.extraJavaOptions={QUICK}&spark.executor.extraJavaOptions={QUICK}"
        yield f"{url}?spark.executor.memory=600m&spark.sql.shuffle.partitions=4&{quick}"


@contextmanager
def _daemon(name: str, *arguments: str, log: IO[bytes]) -> Iterator[None]:
    """A part of Spark in a process group of its own; executors that it starts end with it."""
    home = Path(importlib.util.find_spec("pyspark").origin).parent
    java = Path(os.environ.get("JAVA_HOME", "/usr")) / "bin" / "java"
    program = str(java) if java.is_file() else "java"
    command = [
        program,
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-cp",
        f"{home}/jars/*",
        f"org.apache.spark.deploy.{name}",
        *arguments,
    ]
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.13", "SPARK_LOCAL_IP": "127.0.0.1"}
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _needs_spark() -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("needs the package pyspark (4.0)")
    if shutil.which("java") is None:
        pytest.skip("needs Java 17: apt-get install default-jre-headless")


def _wait(ready: Callable[[], bool], log: Path) -> None:
    for _ in range(600):
        if ready():
            return
        time.sleep(0.1)
    raise RuntimeError(log.read_text("utf-8", "replace")[-2000:])


def _listens(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(shutil.which(name) or "")]
    if not found[-1].is_file():
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    return str(found[-1])


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _quietly(*command: str | Path) -> None:
    silent = subprocess.DEVNULL
    subprocess.run(command, check=True, stdin=silent, stdout=silent, stderr=silent, cwd="/")
