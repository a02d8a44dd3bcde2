"""From the browser to disk: uploads, and the demo in one click."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from crm_ai.data import intake
from crm_ai.store import Draft
from crm_ai.ui import databases, errands, session

KINDS = [
    *("csv", "tsv", "txt", "dat", "gz", "zip", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet"),
    *("jsonl", "ndjson", "json", "sqlite", "sqlite3", "db", "duckdb", "html", "htm"),
]
SAMPLE = """order_id,customer_id,order_date,product,quantity,unit_price
1001,C01,2024-03-01,Green tea,2,4.50
1001,C01,2024-03-01,Teapot,1,18.00
1002,C02,2024-03-02,Green tea,1,4.50
"""
LONGEST = 200
"""Bytes of a file's name on disk."""


def panel(first: bool) -> None:
    """The uploader and the demo; ``first`` when there is no data yet."""
    t = session.translator()
    if first:
        st.markdown(t("Upload orders, customers, time series or feedback: you get charts and answers without a click."))
    files = _uploader(
        t("Files: CSV, Excel, Parquet, JSON lines or SQLite, also compressed"),
        t("Several files at once: those of one kind are put together, others stand beside them. Up to 1 GB each."),
        "upload",
    )
    with st.container(horizontal=True):
        if st.button(t("Open the demo shop"), icon=":material/storefront:", key="demo"):
            draft = session.desk().new_draft()
            errands.begin({"task": "demo", "draft": draft.id, "dataset": draft.dataset, "fresh": True})
        look: dict[str, Any] = {"icon": ":material/download:", "type": "tertiary", "on_click": "ignore"}
        st.download_button(t("Sample file"), SAMPLE, "sample.csv", key="sample", **look)
    if files:
        _received(files, session.desk().new_draft())


def database() -> None:
    """The way in for what lies in a database."""
    with st.expander(session.translator()("From a database"), icon=":material/database:", key="from-database"):
        request = databases.panel()
    if request:
        draft = session.desk().new_draft()
        errands.begin({"task": "take", "draft": draft.id, "request": request.to_json()})


def more(dataset: str) -> None:
    """The uploader for files that are added to a dataset."""
    t = session.translator()
    files = _uploader(
        t("More files for this dataset"),
        t("For example the next month. You choose afterwards whether rows are added or replaced."),
        f"more-{dataset}",
    )
    if files:
        _received(files, session.desk().new_draft(dataset, intake.MODES["append"]))


def again(name: str, sources: Sequence[dict[str, Any]], reading: dict[str, str | None]) -> None:
    """Read the uploaded files of a draft once more, in the way a person says."""
    draft = session.desk().draft(name)
    _stage(draft, sorted((draft.folder / intake.FILES).glob("*/*")), None, reading)


def _uploader(label: str, note: str, key: str) -> list[UploadedFile]:
    count = st.session_state.setdefault("uploads", 0)
    return st.file_uploader(label, KINDS, accept_multiple_files=True, key=f"{key}-{count}", help=note)


def _received(files: Sequence[UploadedFile], draft: Draft) -> None:
    """Copy to disk at once, then let go of what the browser sent."""
    start = _files_before(draft)
    paths = [draft.folder / intake.FILES / f"{start + n:03}" / _safe(file.name) for n, file in enumerate(files)]
    for path, file in zip(paths, files, strict=True):
        path.parent.mkdir(parents=True)
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
    st.session_state["uploads"] += 1
    _stage(draft, paths, [file.name for file in files], {})


def _files_before(draft: Draft) -> int:
    """Where counting goes on, so that files of several uploads lie side by side in the order they came."""
    if not draft.base:
        return 0
    before = session.desk().version(draft.base).folder / intake.FILES
    return 1 + max((int(path.name) for path in before.glob("*")), default=-1)


def _safe(name: str) -> str:
    """A name of a file that leads nowhere else and every file system takes."""
    plain = re.sub(r"[\x00-\x1f/\\]", "_", name).strip(". ") or "file"
    return plain.encode()[-LONGEST:].decode("utf-8", "ignore")


def _stage(draft: Draft, paths: Sequence[Path], names: Sequence[str] | None, reading: dict[str, str | None]) -> None:
    names = list(names or [path.name for path in paths])
    errands.begin({"task": "stage", "draft": draft.id, "files": list(map(str, paths)), "names": names, **reading})
