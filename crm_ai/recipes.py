"""Recipe: dataset + analysis + params, the one noun that travels (address, tile, report, shell)."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import options
from crm_ai.data.dataset import Dataset
from crm_ai.progress import Progress, silent

VERSION = 1
"""Raised when a result of an older program must not be shown for an equal recipe."""


@dataclass(frozen=True)
class Recipe:
    """Names a result completely, together with the data's fingerprint."""

    dataset: str
    analysis: str
    params: dict[str, Any] = field(default_factory=dict)

    def key(self, fingerprint: str) -> str:
        """Equal recipe and equal data, equal key. Defaults are filled in first."""
        params = options.to_json(self.parsed())
        text = json.dumps([VERSION, fingerprint, self.analysis, params], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def parsed(self) -> Any:
        """The Params.

        Raises:
            UnknownName, BadParameter: the analysis or a parameter does not exist.
        """
        return options.parse(analyses.load(self.analysis).Params, self.params)

    def run(self, data: Dataset, progress: Progress = silent) -> Any:
        """The Result, computed here and now."""
        return analyses.load(self.analysis).run(data, self.parsed(), progress)

    def to_json(self) -> str:
        return json.dumps({"dataset": self.dataset, "analysis": self.analysis, "params": self.params}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        return cls(**json.loads(text))
