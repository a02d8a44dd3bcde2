"""What is kept on disk: datasets and results, each in a folder of its own.

workspace/datasets/<id>/manifest.json, raw and canonical tables as Parquet, the uploaded files
workspace/results/<key>/result.json and a Parquet file a table
"""

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import results
from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.data.intake import write_json
from crm_ai.errors import UnknownName


@dataclass(frozen=True)
class Workspace:
    """The folder of one installation."""

    folder: Path

    def new_dataset(self) -> Path:
        """An empty folder for a dataset; it counts once its manifest is written."""
        folder = self.folder / "datasets" / secrets.token_hex(6)
        folder.mkdir(parents=True)
        return folder

    def folder_of(self, name: str) -> Path:
        """Where a dataset lies or will lie, finished or not.

        Raises:
            UnknownName: there is none of that id.
        """
        folder = self.folder / "datasets" / name
        if not re.fullmatch(r"[\w-]+", name) or not folder.is_dir():
            raise UnknownName("This dataset is not here any more: choose another on the data page.")
        return folder

    def datasets(self) -> dict[str, dict[str, Any]]:
        """Dataset id -> manifest, newest first."""
        paths = (self.folder / "datasets").glob(f"*/{MANIFEST}")
        found = {path.parent.name: json.loads(path.read_text("utf-8")) for path in paths}
        return dict(sorted(found.items(), key=lambda item: item[1].get("created_at", ""), reverse=True))

    def dataset_folder(self, name: str) -> Path:
        """Where a dataset lies.

        Raises:
            UnknownName: there is none of that id.
        """
        folder = self.folder_of(name)
        if not (folder / MANIFEST).exists():
            raise UnknownName("This dataset is not here any more: choose another on the data page.")
        return folder

    def open(self, name: str, url: str = "duckdb://") -> Dataset:
        return Dataset.open(self.dataset_folder(name), url)

    def rename(self, name: str, title: str) -> None:
        path = self.dataset_folder(name) / MANIFEST
        write_json(path, json.loads(path.read_text("utf-8")) | {"name": title})

    def delete(self, name: str) -> None:
        """Remove a dataset, finished or not."""
        shutil.rmtree(self.folder_of(name))

    def has_result(self, key: str) -> bool:
        return (self.result_folder(key) / "result.json").exists()

    def result_folder(self, key: str) -> Path:
        return self.folder / "results" / key

    def save_result(self, key: str, result: Any, head: Mapping[str, Any]) -> None:
        """Write beside, then move: a result is whole or not there."""
        draft = self.folder / "results" / f".{key}-{secrets.token_hex(4)}"
        results.save(result, draft, head)
        shutil.rmtree(self.result_folder(key), ignore_errors=True)
        draft.rename(self.result_folder(key))

    def load_result(self, key: str, analysis: str) -> Any:
        return results.load(analyses.load(analysis).Result, self.result_folder(key))
