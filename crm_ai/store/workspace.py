"""The folder of one installation; several server processes may share it.

workspace/datasets/<id>/versions/<n>/   a version, as intake wrote it; whole in itself, and only its name ever changes
workspace/drafts/<owner>-<mark>/        work under way: becomes a version or a result by one rename
workspace/results/<fingerprint>/<mark>/ result.json and a Parquet file a table; orders.parquet of large data beside them
workspace/mappings/                     columns that people chose, by headings
workspace/locks/<owner>.lock            locked while that server or one of its workers lives
workspace/trash/                        what is being deleted
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_ai import analyses
from crm_ai.analyses import results
from crm_ai.data import intake
from crm_ai.data.dataset import MANIFEST, Dataset
from crm_ai.errors import BadParameter, UnknownName
from crm_ai.store import disk, locks
from crm_ai.store.versions import Draft, Version

DRAFT = "draft.json"
MANY_LINES = 1_000_000
"""From there on orders are added up once for all analyses."""
ADDRESS = re.compile(r"([\w-]+)(?:@(\d+))?")


@dataclass(frozen=True)
class Workspace:
    """What is kept.

    Attributes:
        folder: where.
        owner: whose drafts are made here: a lock's name; by default that of this process.
    """

    folder: Path
    owner: str = ""

    @property
    def mappings(self) -> Path:
        """What is remembered of the columns people chose."""
        return self.folder / "mappings"

    # ---- datasets and versions ---------------------------------------------------------------------------------------

    def datasets(self) -> dict[str, Version]:
        """Dataset id -> its newest version, the latest first."""
        found = {}
        for folder in (self.folder / "datasets").glob("*"):
            with suppress(UnknownName, FileNotFoundError):  # on its way in or out
                found[folder.name] = self.version(folder.name)
        return dict(sorted(found.items(), key=lambda item: item[1].created_at, reverse=True))

    def versions(self, name: str) -> list[Version]:
        """All versions of a dataset, the newest first.

        Raises:
            UnknownName: there is no such dataset.
        """
        numbers = self._numbers(self.version(name).dataset)
        return [self.version(f"{name}@{number}") for number in reversed(numbers)]

    def version(self, address: str) -> Version:
        """The version at an address: "id" is the newest, "id@2" the second.

        Raises:
            UnknownName: it is not here.
        """
        name, number = _parsed(address)
        numbers = self._numbers(name)
        if not numbers or number not in (None, *numbers):
            raise UnknownName("This dataset is not here any more: choose another on the data page.")
        folder = self._versions(name) / str(number or numbers[-1])
        return Version(name, number or numbers[-1], numbers[-1], folder, _document(folder / MANIFEST))

    def open(self, address: str, url: str = "duckdb://") -> Dataset:
        """The data of a version, under the name the dataset has now.

        Raises:
            UnknownName: it is not here.
        """
        version = self.version(address)
        orders = self._orders(version.fingerprint)
        found = Dataset.open(version.folder, url, orders if orders.exists() else None)
        return replace(found, name=self.version(version.dataset).manifest["name"])

    def roll_up(self, version: Version, data: Dataset) -> bool:
        """Add the orders of a large dataset up once, beside its results; whether it is done."""
        place, draft = self._orders(version.fingerprint), self._place()
        lines = version.manifest.get("report", {}).get("transactions", {}).get("kept", 0)
        if place.exists() or lines < MANY_LINES or not data.can_roll_up():
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(parents=True)
        data.roll_up(draft / place.name)
        (draft / place.name).replace(place)
        shutil.rmtree(draft)
        return True

    def _orders(self, fingerprint: str) -> Path:
        return self.folder / "results" / fingerprint / "orders.parquet"

    def rename(self, name: str, title: str) -> None:
        """Give a dataset another name: that of its newest version counts."""
        path = self.version(_parsed(name)[0]).folder / MANIFEST
        self._write(path, _document(path) | {"name": title})

    def delete(self, name: str) -> None:
        """Remove a dataset, what is under way for it, and its results."""
        self.version(name)
        self._drop(self.folder / "datasets" / name)
        for draft in [draft for draft in self._drafts() if draft.dataset == name]:
            self.discard(draft)
        self._forget_results()

    def delete_version(self, address: str) -> None:
        """Remove one version and the results that no other has; an empty folder keeps its number.

        Raises:
            BadParameter: it is the only one.
        """
        version = self.version(address)
        title = self.version(version.dataset).manifest["name"]
        if len(self._numbers(version.dataset)) == 1:
            raise BadParameter("This is the only version: delete the dataset instead.")
        self._drop(version.folder)
        version.folder.mkdir(exist_ok=True)
        if version.is_newest:
            self.rename(version.dataset, title)
        self._forget_results()

    def _versions(self, name: str) -> Path:
        return self.folder / "datasets" / name / "versions"

    def _numbers(self, name: str) -> list[int]:
        """The numbers of the versions that are there, rising."""
        found = [path for path in self._versions(name).glob("*") if (path / MANIFEST).exists()]
        return sorted(int(path.name) for path in found)

    # ---- drafts ------------------------------------------------------------------------------------------------------

    def new_draft(self, base: str | None = None, why: str = "uploaded") -> Draft:
        """A folder to work in, for a new dataset or for the next version of one.

        Args:
            base: address of the version to start from.
            why: the next version is made.
        """
        start = self.version(base) if base else None
        name, number = (start.dataset, start.number) if start else (secrets.token_hex(6), 0)
        draft = Draft(
            self._place(), name, number, why, datetime.now(UTC).replace(tzinfo=None).isoformat("T", "seconds")
        )
        draft.folder.mkdir(parents=True)
        document = {"dataset": name, "version": number, "why": why, "created_at": draft.created_at}
        intake.write_json(draft.folder / DRAFT, document)
        return draft

    def draft(self, name: str) -> Draft:
        """The draft of that id.

        Raises:
            UnknownName: it is not here, or finished.
        """
        folder = self.folder / "drafts" / name
        if not re.fullmatch(r"\w+-\w+", name) or not (folder / DRAFT).exists():
            raise UnknownName("These files are not here any more: upload them again.")
        return Draft(folder, **_document(folder / DRAFT))

    def unfinished(self) -> list[Draft]:
        """Drafts whose files are read and wait for somebody to look at the columns, the latest first."""
        found = [draft for draft in self._drafts() if self._resumable(draft)]
        return sorted(found, key=lambda draft: draft.created_at, reverse=True)

    def commit(self, draft: Draft) -> Version:
        """Make a finished draft the next version of its dataset; one that changes nothing only renames it.

        Raises:
            UnknownName: the dataset was deleted in the meantime.
        """
        manifest, numbers = _document(draft.folder / MANIFEST), self._numbers(draft.dataset)
        if numbers and self.version(draft.dataset).fingerprint == manifest["fingerprint"]:
            self.rename(draft.dataset, manifest["name"])
            self.discard(draft)
            return self.version(draft.dataset)
        intake.tidy(draft.folder)
        disk.flush(draft.folder)
        number = self._take_place(draft)
        disk.sync(self._versions(draft.dataset))
        return self.version(f"{draft.dataset}@{number}")

    def discard(self, draft: Draft) -> None:
        self._drop(draft.folder)

    def _take_place(self, draft: Draft) -> int:
        """Rename the draft to the next free number, whoever else does the same; only a new dataset makes its folder."""
        versions = self._versions(draft.dataset)
        while True:
            if not draft.version:
                versions.mkdir(parents=True, exist_ok=True)
            taken = [int(path.name) for path in versions.glob("*")]
            number = max([draft.version, *taken]) + 1
            try:
                draft.folder.rename(versions / str(number))
                return number
            except FileNotFoundError:
                if draft.version or not draft.folder.exists():
                    raise UnknownName("This dataset is not here any more: choose another on the data page.") from None
            except OSError:
                if not (versions / str(number)).exists():
                    raise

    def _drafts(self) -> Iterator[Draft]:
        for path in (self.folder / "drafts").glob(f"*/{DRAFT}"):
            with suppress(UnknownName, FileNotFoundError):  # gone in this moment
                yield self.draft(path.parent.name)

    def _resumable(self, draft: Draft) -> bool:
        """Files that are read wait for a person; so do not those of a dataset that is gone."""
        wanted = not draft.version or bool(self._numbers(draft.dataset))
        return wanted and (draft.folder / intake.STAGED).exists()

    # ---- results -----------------------------------------------------------------------------------------------------

    def has_result(self, key: str) -> bool:
        return (self.result_folder(key) / "result.json").exists()

    def result_folder(self, key: str) -> Path:
        """Where the result of this key lies: under the fingerprint of its data, see ``Recipe.key``."""
        return self.folder / "results" / key

    def save_result(self, key: str, result: Any, head: Mapping[str, Any]) -> None:
        """Write beside, then move: a result is whole or not there. Equal keys, equal results: the first one stays."""
        draft, place = self._place(), self.result_folder(key)
        results.save(result, draft, head)
        while not self.has_result(key):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.rename(place)
            except FileNotFoundError:  # swept away in this moment
                continue
            except OSError:
                break
        shutil.rmtree(draft, ignore_errors=True)

    def load_result(self, key: str, analysis: str) -> Any:
        return results.load(analyses.load(analysis).Result, self.result_folder(key))

    def _forget_results(self) -> None:
        """Drop the results of data that no version has."""
        known = list((self.folder / "results").glob("*"))
        kept = {version.fingerprint for name in self.datasets() for version in self.versions(name)}
        for path in [path for path in known if path.name not in kept]:
            self._drop(path)

    # ---- after a crash -----------------------------------------------------------------------------------------------

    def recover(self) -> None:
        """On start: clear away what killed processes left; files that are read and wait for a person stay."""
        for path in list((self.folder / "drafts").glob("*")):
            if self._abandoned(path):
                self._drop(path)
        for folder in list((self.folder / "datasets").glob("*")):
            if not self._numbers(folder.name):
                disk.prune(folder)
        self._forget_results()
        for path in [*(self.folder / disk.TRASH).glob("*"), *self.mappings.glob("*.draft")]:
            disk.remove(path)
        locks.sweep(self.folder)

    def _abandoned(self, path: Path) -> bool:
        if locks.lives(self.folder, path.name.partition("-")[0]):
            return False
        try:
            return not self._resumable(self.draft(path.name))
        except UnknownName:
            return True

    # ---- files -------------------------------------------------------------------------------------------------------

    def _place(self) -> Path:
        """Where a draft may be made; its name says whose it is."""
        owner = self.owner or locks.owner(self.folder).name
        return self.folder / "drafts" / f"{owner}-{secrets.token_hex(4)}"

    def _write(self, path: Path, document: Mapping[str, Any]) -> None:
        """Replace a JSON file in one step."""
        draft = self._place()
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
        disk.sync(draft)
        draft.replace(path)

    def _drop(self, path: Path) -> None:
        disk.drop(self.folder, path)


def _parsed(address: str) -> tuple[str, int | None]:
    """Id and number of an address.

    Raises:
        UnknownName: it is not one.
    """
    found = ADDRESS.fullmatch(address)
    if not found:
        raise UnknownName("This dataset is not here any more: choose another on the data page.")
    return found[1], int(found[2]) if found[2] else None


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document
