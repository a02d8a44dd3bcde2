"""Records of their own; passwords that are hashed in no time."""

import pytest
from argon2 import PasswordHasher

from crm_ai.access import passwords
from crm_ai.records import Records

PASSWORD = "green tea 42 pots"


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def records(tmp_path):
    found = Records.open(tmp_path)
    yield found
    found.close()
