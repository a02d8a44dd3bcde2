"""What is refused is told in a line; what goes wrong keeps its traceback."""

import logging

import pytest

from crm_ai.errors import NotAllowed
from crm_ai.ui import refusals


@pytest.fixture
def log(caplog):
    logger = logging.getLogger(refusals.LOGGER)
    logger.propagate, before = True, logger.propagate
    refusals.plainly()
    yield caplog
    logger.removeFilter(refusals._told)
    logger.propagate = before


def fail(cause: Exception) -> None:
    try:
        raise RuntimeError("Callable execution failed") from cause
    except RuntimeError:
        logging.getLogger(refusals.LOGGER).exception("Error executing deferred callable for file_id %s", "x")


def test_a_refused_download_is_told_without_a_traceback(log):
    fail(NotAllowed("You are signed out: sign in again."))
    assert "refused: You are signed out" in log.records[-1].getMessage()
    assert log.records[-1].exc_info is None


def test_a_fault_keeps_its_traceback(log):
    fail(ZeroDivisionError("oops"))
    _, error, trace = log.records[-1].exc_info
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert trace is not None
