"""One browser for all journeys; a server a module, with a workspace of its own."""

import shutil

import pandas as pd
import pytest

from tests.browser import driver
from tests.conftest import shared


@pytest.fixture(scope="session")
def chromium():
    if not shutil.which("chromium"):
        pytest.skip("needs Chromium: apt-get install chromium fonts-noto-cjk")
    with driver.browser() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Ends with a look at the log and at what was asked from outside."""
    with driver.serving(tmp_path_factory.mktemp("server")) as found:
        yield found
        assert found.traceback() == ""
        assert driver.strangers(found) == []


@pytest.fixture(scope="session")
def csv(tmp_path_factory):
    """Online Retail with its own headings, as CSV."""
    frame = pd.read_parquet(shared("online_retail/online_retail_2010_2011.parquet"))
    path = tmp_path_factory.mktemp("upload") / "Online Retail.csv"
    frame.to_csv(path, index=False)
    return path
