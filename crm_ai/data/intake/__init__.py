"""From files to a dataset's folder: read, map, clean, write; the manifest comes last and makes it count.

files/...                   what was uploaded, as it came (where the app copied it)
raw/...                     the same, record by record (sources.py)
staged.json                 the sources and the guessed mappings
tables/<table>-<hash>.parquet  cleaned canonical tables
rejected.parquet            every row that was taken out, with its reason
manifest.json               how it came about; see ``finishing.write``

stage > finish makes a dataset; stage > refresh, reopen > remap, and revise make its next version in another folder.
"""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from pathlib import Path

from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.data.intake.finishing import REJECTED, VERSION, finish
from crm_ai.data.intake.hiding import hidden, hide, searched
from crm_ai.data.intake.inspecting import described, inspect
from crm_ai.data.intake.refreshing import MODES, diff, refresh, remap, reopen, revise, tidy
from crm_ai.data.intake.remembered import recall, recalled, remember
from crm_ai.data.intake.staging import FILES, RAW, STAGED, Staged, rejoin, stage, stage_sources, staged, write_json
from crm_ai.data.intake.wishes import corrected, merged, wished
from crm_ai.data.schema import Mapping
from crm_ai.progress import Progress, silent

__all__ = [
    "FILES",
    "MODES",
    "RAW",
    "REJECTED",
    "STAGED",
    "VERSION",
    "Staged",
    "corrected",
    "demo_dataset",
    "described",
    "diff",
    "finish",
    "hidden",
    "hide",
    "ingest",
    "inspect",
    "merged",
    "recall",
    "recalled",
    "refresh",
    "rejoin",
    "remap",
    "remember",
    "reopen",
    "revise",
    "searched",
    "stage",
    "stage_sources",
    "staged",
    "tidy",
    "wished",
    "write_json",
]

READING_SHARE = 0.6  # of the time, the rest is cleaning


def ingest(
    paths: Sequence[Path],
    folder: Path,
    *,
    name: str | None = None,
    names: Sequence[str] | None = None,
    mappings: Sequence[Mapping | None] | None = None,
    rules: Dictionary[str, bool] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> Dataset:
    """``stage`` and ``finish`` in one: files of the same table are appended, other tables stand beside it."""
    stage(
        paths,
        folder,
        name=name,
        names=names,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        progress=lambda share, text: progress(share * READING_SHARE, text),
    )
    return finish(
        folder,
        mappings,
        rules,
        progress=lambda share, text: progress(READING_SHARE + share * (1 - READING_SHARE), text),
    )


def demo_dataset(folder: Path, progress: Progress = silent) -> Dataset:
    """The demo shop, taken in the way a user's files are."""
    return ingest(samples.write(folder / FILES / "000"), folder, name="Demo shop", progress=progress)
