"""engine(url): the Ibis backend that adds up. DuckDB in the process by default."""

from urllib.parse import urlsplit

import ibis
from ibis.backends import BaseBackend

from crm_ai.data.spark import is_spark, spark
from crm_ai.data.spill import spill_folder
from crm_ai.errors import BadParameter, MissingExtra
from crm_ai.settings import settings


def engine(url: str = "duckdb://") -> BaseBackend:
    """Connect to a query engine.

    Args:
        url: ``duckdb://`` (in memory) or ``duckdb:///path``; ``local[2]`` or ``spark://host:7077`` for Spark; any
            other URL that Ibis knows, such as ``postgres://user@host/db``.

    Raises:
        BadParameter: no engine answers at that URL.
        MissingExtra: its package, or Java, is not installed.
    """
    if urlsplit(url).scheme == "duckdb":
        return _duckdb(urlsplit(url).path)
    return spark(url) if is_spark(url) else _database(url)


def _duckdb(path: str) -> BaseBackend:
    """DuckDB that spills to a folder of its own; its files would be overwritten by another that shared it."""
    connection = ibis.duckdb.connect(
        path or ":memory:",
        memory_limit=settings().memory_limit,
        temp_directory=str(spill_folder()),
        preserve_insertion_order=True,
    )
    connection.raw_sql("SET enable_progress_bar = false")  # it would be printed among the JSON of the shell
    return connection


def _database(url: str) -> BaseBackend:
    scheme = urlsplit(url).scheme or url
    try:
        return ibis.connect(url)
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or scheme
    except Exception:  # what a driver says may hold the password, so it goes nowhere
        raise BadParameter("No query engine answers at {scheme}: check the address.", scheme=scheme) from None
    raise MissingExtra(
        "The driver for {scheme} is missing: install the package {package}.", scheme=scheme, package=package
    )
