"""What a visitor has set in motion on the data page, and where it leads when it is done."""

import secrets
from typing import Any

import streamlit as st

from crm_ai.data import intake
from crm_ai.errors import CrmError, UnknownName
from crm_ai.jobs import Job
from crm_ai.store import Draft
from crm_ai.ui import session, waiting

ERRAND = "errand"


def begin(task: dict[str, Any]) -> None:
    """Hand a task to a worker. Its ``dataset`` and ``draft`` say what it is about, ``fresh`` whether that is new.

    Workers do as they are told: that the visitor may work on this draft, and still change its dataset, is asked here.
    """
    session.desk().draft(task["draft"])
    st.session_state[ERRAND] = session.runner().submit(f"{task['task']}-{secrets.token_hex(6)}", task)
    st.rerun()


def follow() -> None:
    """Wait for what is under way, then go where it leads; say what went wrong, and stay."""
    job = st.session_state.get(ERRAND)
    if job is None:
        return
    if not job.wait(waiting.PATIENCE):
        waiting.progress(job)
        st.stop()
    del st.session_state[ERRAND]
    session.runner().forget(job)
    if job.state == "done":
        _arrive(job.task)
    _clear(job)
    st.error((job.error or CrmError("The run was stopped.")).text(session.translator()), icon=":material/error:")


def _arrive(task: dict[str, Any]) -> None:
    st.query_params.clear()
    if task["task"] in ("stage", "take", "rejoin"):
        st.query_params["new"] = task["draft"]
        st.rerun()
    session.choose(task["dataset"])
    if task.get("fresh"):
        session.first_page(task["dataset"])
    st.rerun()


def _clear(job: Job) -> None:
    """Files that were stopped before they were read are of no use; those that were read stay."""
    draft = _draft(job.task)
    if draft and not (draft.folder / intake.STAGED).exists():
        session.desk().discard(draft)


def _draft(task: dict[str, Any]) -> Draft | None:
    try:
        return session.desk().draft(task.get("draft", ""))
    except UnknownName:
        return None
