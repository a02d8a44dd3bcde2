"""A download that may not be had any more when it is clicked is no fault of the program: a line in the log will do."""

import logging

from crm_ai.errors import CrmError

LOGGER = "streamlit.runtime.backend_operation_handler"


def plainly() -> None:
    """Log refused downloads without a traceback, from now on."""
    logging.getLogger(LOGGER).addFilter(_told)


def _told(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and isinstance(error.__cause__, CrmError):
        record.msg, record.args, record.exc_info = "A download was refused: %s", (str(error.__cause__),), None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True
