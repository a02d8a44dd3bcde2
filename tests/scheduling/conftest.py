"""Records in both databases, people, and a dashboard."""

import pytest

from crm_ai.access import LOCAL, Desk
from crm_ai.dashboards import kept as boards
from crm_ai.store import Workspace
from tests.records.conftest import database, records, url

__all__ = ["database", "records", "url"]


@pytest.fixture
def desk(records, tmp_path) -> Desk:
    """Of the one local user."""
    return Desk(Workspace(tmp_path), records, LOCAL)


@pytest.fixture
def board(desk) -> str:
    return boards.create(desk, "Sales").id
