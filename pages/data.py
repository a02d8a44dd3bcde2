"""From a file to a clean dataset. Role: analyst."""

import streamlit as st

from crm_ai.ui import cleaning, errands, granting, library, mapping, session, signin, upload, versions

signin.require_role("analyst")
st.title(session.translator()("Data"))
current = session.dataset_id()
errands.follow()
upload.panel(first=current is None)
upload.database()
fresh = session.unfinished()
library.unfinished(fresh)
if fresh:
    mapping.panel(fresh)
elif current:
    versions.panel(current)
    granting.panel("dataset", current.partition("@")[0])
    cleaning.panel(current)
library.panel(current)
