"""`python -m crm_ai.scheduling ID`: what one schedule does, in a process of its own, started by a ``clock``.

It says how it went as a line of JSON: {"failed": {recipient: error}} or {"error": error}. When its server ends, however
it ends, standard input closes and this ends at once too.
"""

import json
import logging
import os
import sys
import threading
from typing import Any

from crm_ai.errors import CrmError
from crm_ai.records import Records, now
from crm_ai.scheduling import plans
from crm_ai.scheduling.work import Place, perform
from crm_ai.settings import settings
from crm_ai.store import Workspace

LOG = logging.getLogger(__name__)


def main(name: str) -> dict[str, Any]:
    """Do it; how it went."""
    chosen = settings()
    try:
        records = Records.open(chosen.workspace, chosen.records)
        failed = perform(Place(Workspace(chosen.workspace), records, chosen), plans.found(records, name), now())
        return {"failed": {recipient: error.to_json() for recipient, error in failed.items()}}
    except CrmError as error:
        return {"error": error.to_json()}
    except Exception:
        LOG.exception("a schedule failed")
        return {"error": CrmError("Something went wrong inside the program; the details are in its log.").to_json()}


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the line
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.nice(5)  # the pages come first
    out.write(json.dumps(main(sys.argv[1])) + "\n")
    out.flush()
    os._exit(0)
