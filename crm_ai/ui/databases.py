"""Taking data from a database: a connection, then tables or a query, with the first rows to look at."""

import pandas as pd
import streamlit as st

from crm_ai.data import databases
from crm_ai.data.databases import Request
from crm_ai.errors import CrmError
from crm_ai.ui import session

SECRETS = """[connections.shop]
url = "postgres://reader:password@db.example.com:5432/shop"
"""
TABLES, QUERY = "Tables", "A query"
MOST_PREVIEWS = 6


def panel() -> Request | None:
    """What a person wants to take in; None until the button is pressed."""
    t, names = session.translator(), databases.connections()
    if not names:
        _explain()
        return None
    name = st.selectbox(t("Connection"), names, key=f"connection-{session.language()}")
    try:
        return _request(name or names[0])
    except CrmError as error:
        st.error(error.text(t), icon=":material/error:")
        return None


def _explain() -> None:
    """How an administrator sets a connection up."""
    t = session.translator()
    st.info(t("No database is connected yet. Whoever runs this program can connect one in two steps."))
    st.markdown("1. " + t("Put these lines into the file {file} beside the program, with your own address:").format(
        file="`.streamlit/secrets.toml`"
    ))  # fmt: skip
    st.code(SECRETS, "toml")
    st.markdown("2. " + t("Use a user of the database that may only read, then load this page again."))
    st.caption(
        t("Works with {engines}. The address and the password stay in that file.").format(
            engines="PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, ClickHouse, Snowflake"
        )
    )


def _request(name: str) -> Request | None:
    t, language = session.translator(), session.language()
    what = st.segmented_control(
        t("What to take"), [TABLES, QUERY], default=TABLES, format_func=t, key=f"what-{name}-{language}", required=True
    )
    wanted = _query(name) if what == QUERY else _tables(name)
    if wanted and st.button(t("Take these in"), type="primary", icon=":material/download:", key=f"take-{name}"):
        return wanted
    return None


def _tables(name: str) -> Request | None:
    t = session.translator()
    chosen = st.multiselect(
        t("Tables"),
        _known(name),
        key=f"tables-{name}-{session.language()}",
        placeholder=t("Choose one or several"),
        help=t("Tables that belong together, such as orders and customers, are joined for you."),
    )
    shown = chosen[:MOST_PREVIEWS]
    for table, tab in zip(shown, st.tabs([session.literal(table) for table in shown]) if shown else [], strict=True):
        with tab:
            st.dataframe(_preview(name, table, ""), hide_index=True, key=f"preview-{name}-{table}")
    return Request(name, tuple(chosen)) if chosen else None


def _query(name: str) -> Request | None:
    t = session.translator()
    query = st.text_area(
        t("Query"),
        key=f"query-{name}-{session.language()}",
        placeholder="SELECT customer_id, order_date, amount FROM orders WHERE order_date >= '2024-01-01'",
        help=t("One SELECT. It can only read; anything else is refused."),
    ).strip()
    if not query:
        return None
    st.dataframe(_preview(name, "", query), hide_index=True, key=f"preview-{name}-query")
    return Request(name, query=query)


@st.cache_resource(ttl=300, max_entries=32, show_spinner=False)
def _known(name: str) -> tuple[str, ...]:
    return databases.tables(name)


@st.cache_resource(ttl=300, max_entries=64, show_spinner=False)
def _preview(name: str, table: str, query: str) -> pd.DataFrame:
    return databases.preview(name, table, query)
