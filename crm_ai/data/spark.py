"""Apache Spark: one session a process, on this machine (``local[2]``) or on a cluster (``spark://host:7077``).

Options of Spark follow a question mark: ``spark://host:7077?spark.executor.memory=8g&spark.cores.max=64``.
Times have no zone (UTC), divisions by zero are errors as ANSI has it, what the JVM chats goes to a file, and as long as
the master is on this machine nothing listens but on loopback. The JVM ends with the process.
"""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends import BaseBackend

from crm_ai.data.spill import spill_folder
from crm_ai.errors import BadParameter, MissingExtra
from crm_ai.settings import settings

JAVA = 17
LOCAL = re.compile(r"local(\[(\d+|\*)\])?")
SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([MGT])I?B?\s*")
HERE = ("127.0.0.1", "localhost", "::1")
SECONDS = 5.0
"""A master that does not take a connection within this time is not there."""
_OPENED: dict[str, BaseBackend] = {}
"""Address -> the session of this process: Spark allows one."""
_LOCK = Lock()


def is_spark(url: str) -> bool:
    """Whether the address is one of Spark's."""
    return bool(LOCAL.fullmatch(_master(url))) or urlsplit(url).scheme == "spark"


def spark(url: str) -> BaseBackend:
    """The session of this process at that master.

    Raises:
        MissingExtra: pyspark or Java is not installed.
        BadParameter: no master answers there, or this process already works with another one.
    """
    with _LOCK:
        running = {address: backend for address, backend in _OPENED.items() if _runs(backend)}
        if not running:
            _check(url)
            _OPENED.clear()
            _OPENED[url] = ibis.pyspark.connect(_session(url))
            return _OPENED[url]
    if url in running:
        return running[url]
    here = next(iter(running))
    raise BadParameter(
        "This program already works with Spark at {here}: start another one for {url}.", here=here, url=url
    )


def frame(backend: Any, expression: ir.Table) -> pd.DataFrame:
    """All the rows, by Arrow."""
    return _sql(backend, expression).toArrow().to_pandas()  # type: ignore[no-any-return]


def batches(backend: Any, expression: ir.Table, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows in batches of at most ``rows``, partition by partition as they are ready; never all of them at once."""
    from pyspark.sql.pandas.serializers import ArrowCollectSerializer
    from pyspark.util import _load_from_socket

    port, secret, server = _sql(backend, expression)._jdf.collectAsArrowToPython()
    try:
        for batch in _load_from_socket((port, secret), ArrowCollectSerializer()):
            if isinstance(batch, pa.RecordBatch):  # the last is a list: where each belongs
                yield from (batch.slice(start, rows) for start in range(0, len(batch), rows))
    except (EOFError, pa.ArrowInvalid):
        server.getResult()  # raises what went wrong over there
        raise


def _sql(backend: Any, expression: ir.Table) -> Any:
    """The expression as a Spark data frame."""
    backend._run_pre_execute_hooks(expression)
    return backend._session.sql(backend.compile(expression))


def _runs(backend: Any) -> bool:
    context = backend._session.sparkContext
    return context._jsc is not None and not context._jsc.sc().isStopped()


def _check(url: str) -> None:
    """Stop before Spark would wait or fail in words that nobody understands."""
    try:
        import pyspark.sql  # noqa: F401
    except ImportError as error:
        raise MissingExtra("Spark needs the package pyspark: install the extra spark of this program.") from error
    if _java() < JAVA:
        raise MissingExtra("Spark needs Java {version} or newer: install it, or set JAVA_HOME.", version=JAVA)
    where = urlsplit(url)
    if where.scheme == "spark":
        _reach(where.hostname or "", where.port or 7077)


def _java() -> int:
    """The version of the Java that Spark would start, 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=os.path.join(home, "bin") if home else None)
    if program is None:
        return 0
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else 0


def _reach(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        raise BadParameter(
            "No Spark master answers at {host}:{port}: check the address.", host=host, port=port
        ) from error


def _session(url: str) -> Any:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    folder = spill_folder()
    conf = SparkConf(loadDefaults=False).setMaster(_master(url)).setAppName("crm_ai")
    conf.setAll(list(options(url, str(folder)).items()))
    try:
        with (folder / "spark.log").open("wb") as log:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
        return SparkSession(SparkContext(conf=conf, gateway=gateway))
    except Exception as error:
        raise BadParameter("Spark does not start at {url}: check its options and its log.", url=url) from error


def options(url: str, folder: str) -> dict[str, str]:
    """What differs from Spark's own defaults; what the address says comes last."""
    master = _master(url)
    found = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": java_memory(settings().memory_limit),
        "spark.driver.maxResultSize": "0",  # frames are bounded by rows, batches are streamed
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": os.path.join(folder, "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.caseSensitive": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    if cores := LOCAL.fullmatch(master):
        number = (os.cpu_count() or 1) if cores[2] == "*" else int(cores[2] or 1)
        found["spark.sql.shuffle.partitions"] = str(2 * number)
    if cores or urlsplit(master).hostname in HERE:
        found |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return found | dict(parse_qsl(url.partition("?")[2]))


def java_memory(limit: str) -> str:
    """A size as Java takes it, half a gigabyte at least: "4GB" is "4096m".

    Raises:
        BadParameter: it is no size.
    """
    found = SIZE.fullmatch(limit.upper())
    if found is None:
        raise BadParameter("{limit} is no memory limit: write it like 4GB.", limit=limit)
    scale = {"M": 1, "G": 1024, "T": 1024**2}[found[2]]
    return f"{max(512, int(float(found[1]) * scale))}m"


def _master(url: str) -> str:
    return url.partition("?")[0]
