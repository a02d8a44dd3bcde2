"""Customer analytics for English and Chinese data: the public door, what a notebook user imports.

    import crm_ai

    data = crm_ai.read("sales.csv")
    result = crm_ai.run("segments", data, n_clusters=5)
    result.segments

Heavy parts are imported when they are first used.
"""

import tempfile
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_ai.errors import CrmError

if TYPE_CHECKING:
    from crm_ai.data.dataset import Dataset
    from crm_ai.recipes import Recipe

__all__ = ["CrmError", "Dataset", "Recipe", "demo", "read", "read_database", "run"]

_LATE = {"Dataset": "crm_ai.data.dataset", "Recipe": "crm_ai.recipes"}


def read(
    *paths: str | Path,
    mapping: Dictionary[str, str] | None = None,
    table: str | None = None,
    rules: Dictionary[str, bool] | None = None,
    name: str | None = None,
    join: bool = False,
) -> "Dataset":
    """Read files into a Dataset; what their columns are is guessed.

    Args:
        paths: CSV, TSV, Excel, Parquet or JSON lines, also compressed. Files of the same table are appended.
        mapping: canonical column -> heading, where the guess is to be set right.
        table: canonical table of all files, where the guess is to be set right.
        rules: cleaning rule -> on or off, over the defaults.
        name: of the dataset; after the files by default.
        join: whether files that belong together, such as orders and their lines, are joined by the keys that are found;
            the tables of a database are in any case.

    Raises:
        BadFile, BadParameter, TooLittleData: a file cannot be read, a name is not known, or no row is left.
    """
    from crm_ai.data import intake

    folder = Path(tempfile.mkdtemp(dir=_cache().name))
    here = intake.stage([Path(path) for path in paths], folder, name=name)
    if join and here.offered and not here.joins:
        here = intake.rejoin(folder, here.offered)
    return intake.finish(folder, intake.wished(here, mapping or {}, table), rules)


def read_database(
    connection: str,
    *,
    table: str | Sequence[str] = (),
    query: str = "",
    mapping: Dictionary[str, str] | None = None,
    rules: Dictionary[str, bool] | None = None,
    name: str | None = None,
) -> "Dataset":
    """Read tables of a database, or what a query reads, into a Dataset; related tables are joined.

    Args:
        connection: its name; the address is in CRM_AI_DATABASE_<NAME> or in .streamlit/secrets.toml.
        table: one or several.
        query: one SELECT, instead of tables.
        mapping, rules: as for ``read``.
        name: of the dataset; that of the connection by default.

    Raises:
        UnknownName, MissingExtra, BadParameter, BadFile, TooLittleData: no such connection, driver or table, a query
            that does more than read, no answer, too many rows, or no row is left.
    """
    from crm_ai.data import databases, intake

    folder = Path(tempfile.mkdtemp(dir=_cache().name))
    chosen = (table,) if isinstance(table, str) else tuple(table)
    sources = databases.read(databases.Request(connection, chosen, query), folder / intake.RAW)
    here = intake.stage_sources(sources, folder, name=name or connection)
    return intake.finish(folder, intake.wished(here, mapping or {}), rules)


def run(analysis: str, data: "Dataset", **params: Any) -> Any:
    """The Result of an analysis; ``params`` are those of its Params.

    Raises:
        UnknownName, BadParameter: there is no such analysis or parameter.
        MissingColumns, TooLittleData: the data cannot carry it.
    """
    from crm_ai.recipes import Recipe

    return Recipe(data.name, analysis, params).run(data)


def demo() -> "Dataset":
    """The demo shop: orders, customers and comments, generated with planted truth."""
    from crm_ai.data import samples
    from crm_ai.data.dataset import Dataset

    return Dataset.from_frames("Demo shop", "duckdb://", **samples.demo())


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


@lru_cache
def _cache() -> tempfile.TemporaryDirectory[str]:
    """Where files that are read lie; it goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="crm_ai-")
