"""engine(url): the Ibis backend that adds up. DuckDB in the process by default."""

import tempfile
from urllib.parse import urlsplit

import ibis
from ibis.backends import BaseBackend

from crm_ai.errors import BadParameter
from crm_ai.settings import settings


def engine(url: str = "duckdb://") -> BaseBackend:
    """Connect to a query engine.

    Args:
        url: ``duckdb://`` (in memory) or any URL that Ibis knows, such as ``postgres://user@host/db``.

    Raises:
        BadParameter: no engine answers at that URL.
    """
    if urlsplit(url).scheme == "duckdb":
        return _duckdb(urlsplit(url).path)
    try:
        return ibis.connect(url)
    except Exception as error:
        scheme = urlsplit(url).scheme or url
        raise BadParameter("No query engine answers at {scheme}: check the address.", scheme=scheme) from error


def _duckdb(path: str) -> BaseBackend:
    """DuckDB that spills to a folder of its own and leaves dates without a time zone."""
    return ibis.duckdb.connect(
        path or ":memory:",
        memory_limit=settings().memory_limit,
        temp_directory=tempfile.gettempdir(),
        preserve_insertion_order=True,
    )
