"""From a file to a clean dataset. Role: analyst."""

import streamlit as st

from crm_ai.ui import cleaning, library, mapping, session, signin, upload

signin.require_role("analyst")
st.title(session.translator()("Data"))
current = session.dataset_id()
upload.panel(first=current is None)
fresh = session.unfinished()
if fresh:
    mapping.panel(fresh)
elif current:
    cleaning.panel(current)
library.panel(current)
