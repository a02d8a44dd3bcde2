"""Recipe: dataset + analysis + params, the one noun that travels (address, tile, report, shell)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import options
from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import Filters
from crm_ai.progress import Progress, silent

VERSION = 1
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

    def run(self, data: Dataset, progress: Progress = silent) -> Any:
        """The Result, computed here and now."""
        return analyses.load(self.analysis).run(data, self.parsed(), progress)

    def python(self, manifest: Mapping[str, Any]) -> str:
        """The code that gives the same numbers in a notebook; ``manifest`` is that of the dataset."""
        given = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"import crm_ai\n\ndata = {_reading(manifest)}\nresult = crm_ai.run({self.analysis!r}, data{given})\n"

    def to_json(self) -> str:
        words = {"dataset": self.dataset, "analysis": self.analysis, "params": self.params}
        return json.dumps(words | ({"filters": self.filters} if self.filters else {}), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        return cls(**json.loads(text))


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
