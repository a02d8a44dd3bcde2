"""One browser for all journeys; a server a module, with a workspace of its own."""

import shutil

import pytest

from tests.browser import driver


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
