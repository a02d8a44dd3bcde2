"""From the browser to disk: uploads, and the demo in one click."""

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from crm_ai.errors import CrmError
from crm_ai.ui import session, waiting

KINDS = ["csv", "tsv", "txt", "dat", "gz", "zip", "xlsx", "xls", "parquet", "jsonl", "ndjson", "json"]
SAMPLE = """order_id,customer_id,order_date,product,quantity,unit_price
1001,C01,2024-03-01,Green tea,2,4.50
1001,C01,2024-03-01,Teapot,1,18.00
1002,C02,2024-03-02,Green tea,1,4.50
"""


def panel(first: bool) -> None:
    """The uploader and the demo; ``first`` when there is no data yet."""
    t = session.translator()
    if first:
        st.markdown(t("Upload orders, customers, time series or feedback: you get charts and answers without a click."))
    files = st.file_uploader(
        t("Files: CSV, Excel, Parquet or JSON lines, also compressed"),
        KINDS,
        accept_multiple_files=True,
        key=f"upload-{st.session_state.setdefault('uploads', 0)}",
        help=t("Several files at once: those of one kind are put together, others stand beside them. Up to 1 GB each."),
    )
    with st.container(horizontal=True):
        if st.button(t("Open the demo shop"), icon=":material/storefront:", key="demo"):
            _demo()
        look: dict[str, Any] = {"icon": ":material/download:", "type": "tertiary", "on_click": "ignore"}
        st.download_button(t("Sample file"), SAMPLE, "sample.csv", key="sample", **look)
    if files:
        _received(files)
    _arriving()


def again(name: str, sources: Sequence[dict[str, Any]], reading: dict[str, str | None]) -> None:
    """Read the uploaded files once more, in the way a person says."""
    folder = session.workspace().folder_of(name)
    names = list(dict.fromkeys(source["name"] for source in sources))
    _stage(folder, sorted((folder / "files").iterdir()), names, reading)


def _received(files: Sequence[UploadedFile]) -> None:
    """Copy to disk at once, then let go of what the browser sent."""
    folder = session.workspace().new_dataset()
    (folder / "files").mkdir()
    paths = [folder / "files" / f"{number:03}" for number in range(len(files))]
    for path, file in zip(paths, files, strict=True):
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
    st.session_state["uploads"] += 1
    _stage(folder, paths, [file.name for file in files], {})


def _stage(folder: Path, paths: Sequence[Path], names: Sequence[str], reading: dict[str, str | None]) -> None:
    task = {"task": "stage", "dataset": folder.name, "files": list(map(str, paths)), "names": list(names), **reading}
    _begin(folder.name, task)


def _demo() -> None:
    folder = session.workspace().new_dataset()
    _begin(folder.name, {"task": "demo", "dataset": folder.name})


def _begin(name: str, task: dict[str, Any]) -> None:
    st.session_state["arriving"] = session.runner().submit(f"{task['task']}-{name}-{secrets.token_hex(4)}", task)
    st.session_state["arriving-id"] = name
    st.rerun()


def _arriving() -> None:
    """Follow the files that are being read; then go on with them."""
    job = st.session_state.get("arriving")
    if job is None:
        return
    name = str(st.session_state["arriving-id"])
    if job.ended.is_set() and job.state != "done":
        del st.session_state["arriving"]
        session.workspace().delete(name)
        st.error((job.error or CrmError("The run was stopped.")).text(session.translator()), icon=":material/error:")
        return
    waiting.follow(job)
    del st.session_state["arriving"]
    if job.task["task"] == "demo":
        session.choose(name)
        session.first_page(name)
    st.query_params["new"] = name
    st.rerun()
