"""The page of crm_ai.analyses.overview. Role: viewer."""

import streamlit as st

from crm_ai.ui import invitations, session, signin, steps

signin.require_role("viewer")
data = steps.data("overview")
recipe = steps.parameters(data, "overview")
result = steps.result(data, recipe)
st.subheader(session.translator()("What else these data can answer"))
invitations.panel(data, but="overview")
steps.keep(data, recipe, result)
