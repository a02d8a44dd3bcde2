"""While a worker works: progress, cancel, and what went wrong."""

import streamlit as st

from crm_ai.errors import CrmError
from crm_ai.jobs import Job
from crm_ai.ui import session

PATIENCE = 0.8
"""Seconds a page waits for a quick answer before it shows progress."""


def follow(job: Job) -> None:
    """Come back when the job is done; show progress or its error, and stop the page, when it is not."""
    if not job.wait(PATIENCE):
        progress(job)
        st.stop()
    if job.state != "done":
        _broken(job)
        st.stop()


@st.fragment(run_every=0.5)
def progress(job: Job) -> None:
    """How far it is, and a way to stop it."""
    t = session.translator()
    if job.ended.is_set():
        st.rerun()
    with st.container(key="progress"):
        st.progress(min(max(job.share, 0.0), 1.0), t(job.stage) if job.stage else t("Waiting for a free worker"))
        if st.button(t("Cancel"), icon=":material/close:", key="cancel"):
            session.runner().cancel(job)
            st.rerun()


def _broken(job: Job) -> None:
    """Say how it went wrong, and offer to try again."""
    t = session.translator()
    error = job.error or CrmError("The run was stopped.")
    st.error(error.text(t), icon=":material/error:")
    if st.button(t("Try again"), icon=":material/refresh:", key="again"):
        session.runner().forget(job)
        st.rerun()
