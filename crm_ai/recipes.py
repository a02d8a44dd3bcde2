"""Recipe: dataset + analysis + params, the one noun that travels (address, tile, report, shell)."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import options
from crm_ai.data import filters as parts
from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import Columns, Filters
from crm_ai.errors import TooLittleData
from crm_ai.progress import Progress, silent

VERSION = 2
"""Raised when a result of an older program must not be shown for an equal recipe."""


@dataclass(frozen=True)
class Recipe:
    """Names a result completely, together with the data's fingerprint."""

    dataset: str
    analysis: str
    params: dict[str, Any] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)
    """The part of the data, see ``data.filters``; {} is all of it."""

    def key(self, fingerprint: str) -> str:
        """Equal recipe and equal data, equal key: the data, then the question. Defaults are filled in first."""
        params = options.to_json(self.parsed())
        part = [filters] if (filters := Filters.from_json(self.filters).to_json()) else []
        text = json.dumps([VERSION, fingerprint, self.analysis, params, *part], sort_keys=True)
        return f"{fingerprint}/{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def parsed(self) -> Any:
        """The Params.

        Raises:
            UnknownName, BadParameter: the analysis or a parameter does not exist.
        """
        return options.parse(analyses.load(self.analysis).Params, self.params)

    def tables(self, columns: Columns) -> list[str]:
        """What it looks at in data with these columns, see ``analyses.looked_at``."""
        return analyses.looked_at(self.analysis, self.parsed(), columns)

    def narrowed(self, columns: Columns, filters: Filters) -> tuple["Recipe", tuple[str, ...]]:
        """The recipe for a part of the data, and the names of the filters that no table of its can carry."""
        wished = self.filters | filters.to_json()
        able = set().union(*(parts.usable(table, columns) for table in self.tables(columns)))
        left = tuple(name for name in wished if name not in able)
        return replace(self, filters={name: value for name, value in wished.items() if name in able}), left

    def people(self, data: Dataset) -> Any:
        """The recipe of the segmentation that a filter by segment needs; None where none is."""
        columns = {name: table.columns for name, table in data.tables.items()}
        needed = self.filters.get("segment") and parts.needs_people(columns)
        return Recipe(self.dataset, "segments", {"method": "rfm"}) if needed else None

    def run(self, data: Dataset, progress: Progress = silent, segments: Any = None) -> Any:
        """The Result, computed here and now.

        Args:
            segments: result of the recipe of ``people``; made here where it is missing.
        """
        if self.filters:
            people = self.people(data)
            found = segments or (people.run(data) if people else None)
            data = data.where(Filters.from_json(self.filters), _members(found, self.filters) if found else None)
        try:
            return analyses.load(self.analysis).run(data, self.parsed(), progress)
        except TooLittleData:
            if self.filters and self._is_empty(data):
                raise TooLittleData("No rows are left with these filters: widen them.") from None
            raise

    def _is_empty(self, data: Dataset) -> bool:
        columns = {name: table.columns for name, table in data.tables.items()}
        return all(data.value(data.tables[name].count()) == 0 for name in self.tables(columns))

    def python(self, manifest: Mapping[str, Any]) -> str:
        """The code that gives the same numbers in a notebook; ``manifest`` is that of the dataset."""
        if self.filters:
            code = f"crm_ai.Recipe('', {self.analysis!r}, {self.params!r}, {self.filters!r}).run(data)"
            return f"import crm_ai\n\ndata = {_reading(manifest)}\nresult = {code}\n"
        given = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"import crm_ai\n\ndata = {_reading(manifest)}\nresult = crm_ai.run({self.analysis!r}, data{given})\n"

    def to_json(self) -> str:
        words = {"dataset": self.dataset, "analysis": self.analysis, "params": self.params}
        return json.dumps(words | ({"filters": self.filters} if self.filters else {}), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        return cls(**json.loads(text))


def _members(segments: Any, filters: Mapping[str, Any]) -> Collection[str]:
    """Who is in the segments asked for.

    Raises:
        TooLittleData: there are so many customers that only a sample of them is listed.
    """
    if segments.customers_listed < segments.n_customers:
        raise TooLittleData("There are too many customers to filter by segment: leave this filter out.")
    customers = segments.customers
    return customers.loc[customers["segment"].isin(filters["segment"]), "customer_id"].tolist()  # type: ignore[no-any-return]


def _reading(manifest: Mapping[str, Any]) -> str:
    """How the files are read again: what people chose is said, what was guessed is guessed again."""
    if manifest.get("demo"):
        return "crm_ai.demo()"
    sources = manifest.get("sources", [])
    names = dict.fromkeys(name for source in sources for name in source.get("files") or [source["name"]])
    columns = [item for mapping in manifest.get("mappings", []) for item in mapping["columns"].items()]
    chosen = {name: column["heading"] for name, column in columns if column["why"] == "chosen"}
    joined = any(source["kind"] == "joined" for source in sources)
    words = {"join": joined, "mapping": chosen, "rules": manifest.get("rules", {})}
    return f"crm_ai.read({', '.join([*map(repr, names), *(f'{k}={v!r}' for k, v in words.items() if v)])})"
