"""The records of the store: a version of a dataset, and a draft that may become one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Version:
    """One state of a dataset; what is in it never changes.

    Attributes:
        dataset: id of the dataset.
        number: counted from 1; a number is never given twice.
        newest: number of the newest version.
        folder: where it lies.
        manifest: how it came about, as intake wrote it.
    """

    dataset: str
    number: int
    newest: int
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def address(self) -> str:
        """Names this version, whatever comes after it."""
        return f"{self.dataset}@{self.number}"

    @property
    def is_newest(self) -> bool:
        return self.number == self.newest

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])

    @property
    def created_at(self) -> str:
        """ISO, UTC."""
        return str(self.manifest.get("created_at", ""))

    @property
    def why(self) -> str:
        """What it was made for: "uploaded", "columns changed", "rules changed", "rows added" ..."""
        return str(self.manifest.get("why", "uploaded"))

    @property
    def rows(self) -> int:
        """Of all its tables, after cleaning."""
        return sum(report["kept"] for report in self.manifest.get("report", {}).values())

    @property
    def changes(self) -> Mapping[str, Any]:
        """Against the version it came from, see ``intake.changes``; {} for the first."""
        return self.manifest.get("changes", {})  # type: ignore[no-any-return]

    def to_json(self) -> dict[str, Any]:
        """What a result says of the data it stands on."""
        head = {"dataset": self.manifest["name"], "version": self.number}
        return head | {"uploaded": self.created_at, "rows": self.rows, "fingerprint": self.fingerprint}


@dataclass(frozen=True)
class Draft:
    """Work under way on what may become a version.

    Attributes:
        folder: files are copied, staged and finished here.
        dataset: id of the dataset it will belong to.
        version: number of the version it starts from; 0 for a new dataset.
        why: as in Version.
        created_at: ISO, UTC.
    """

    folder: Path
    dataset: str
    version: int
    why: str
    created_at: str

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def base(self) -> str | None:
        """Address of the version it starts from."""
        return f"{self.dataset}@{self.version}" if self.version else None
