"""The clock of a server process: a thread that sleeps until something is due, and has it done by a process of its own.

Several servers have a clock each; what is due is claimed in the records, so that one of them does it.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from crm_ai.errors import CrmError
from crm_ai.records import Records, now
from crm_ai.scheduling import claims, kept
from crm_ai.scheduling.plans import Plan, Trouble
from crm_ai.settings import Settings
from crm_ai.store import Workspace, restoring

LONGEST_SLEEP = 60
"""Seconds, after which the clock looks whether another process has made a schedule."""
BEAT = timedelta(minutes=1)
"""Between two signs of life of a run."""
LONGEST_RUN = 7_200
"""Seconds, after which a run is ended."""
LOG = logging.getLogger(__name__)

Perform = Callable[[Plan, Callable[[], bool]], Trouble | None]
"""Does a plan; calls the function from time to time, and ends when that says False. Gives what went wrong."""


class Clock:
    """Wakes up for what is due.

    Args:
        open: gives the records; asked again later where it raises.
        perform: does what is due.
        moment: tells the time.
    """

    def __init__(self, open: Callable[[], Records], perform: Perform, moment: Callable[[], datetime] = now) -> None:
        self._open, self._perform, self._moment = open, perform, moment
        self._over = threading.Event()

    @cached_property
    def _records(self) -> Records:
        return self._open()

    def ready(self) -> bool:
        """Whether the records are open."""
        try:
            return bool(self._records)
        except CrmError as error:
            LOG.error("%s", error)
            return False

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True, name="clock")
        self._thread.start()

    def stop(self) -> None:
        """End; a run under way is broken off, and another process, or the next start, does it again."""
        self._over.set()
        kept.BELL.set()
        self._thread.join(10)

    def turn(self) -> int:
        """Do all that is due, one after the other; how many that was."""
        done = 0
        while not self._over.is_set() and (plan := claims.claim(self._records, self._moment())):
            self._do(plan)
            done += 1
        return done

    def pause(self) -> float:
        """Seconds until something is due, as far as is known."""
        due = claims.next_due(self._records)
        left = (due - self._moment()).total_seconds() if due else LONGEST_SLEEP
        return min(max(left, 0.1), LONGEST_SLEEP)

    def _run(self) -> None:
        while not self._over.is_set():
            kept.BELL.wait(self._turned())
            kept.BELL.clear()

    def _turned(self) -> float:
        """One turn; the seconds to sleep after it, whatever happened."""
        try:
            self.turn()
            return self.pause()
        except CrmError as error:
            LOG.warning("%s", error)
        except Exception:
            LOG.exception("the clock stumbled")
        return LONGEST_SLEEP

    def _do(self, plan: Plan) -> None:
        mine: Plan | None = plan

        def still() -> bool:
            """Whether it is still to be done, and by us; a sign of life where one is due."""
            nonlocal mine
            if mine and mine.claimed_until and mine.claimed_until - self._moment() <= claims.LEASE - BEAT:
                mine = claims.hold(self._records, mine, self._moment())
            return mine is not None and not self._over.is_set()

        trouble = self._perform(plan, still)
        if mine and self._over.is_set():
            claims.release(self._records, mine)
        elif mine:
            claims.end(self._records, mine, self._moment(), _counted(plan, trouble))


def _counted(plan: Plan, trouble: Trouble | None) -> Trouble | None:
    """With the tries before it."""
    before = plan.trouble.tries if plan.trouble else 0
    return Trouble(trouble.error, before + 1, trouble.left) if trouble else None


def begin(settings: Settings) -> Clock:
    """The clock of a server. A restore that was killed is carried through before anybody sees the workspace."""
    clock = Clock(partial(_opened, settings), in_a_process)
    clock.ready()
    clock.start()
    return clock


def _opened(settings: Settings) -> Records:
    records = Records.open(settings.workspace, settings.records)
    restoring.finish(Workspace(settings.workspace), records)
    return records


def in_a_process(plan: Plan, still: Callable[[], bool]) -> Trouble | None:
    """Do a plan in a process of its own, which ends with this one. Settings come with the environment."""
    paths = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    process = subprocess.Popen(
        [sys.executable, "-m", "crm_ai.scheduling", plan.id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": paths},  # the folder stays: secrets.toml may lie there
    )
    try:
        return _heard(_said(process, still))
    finally:
        process.kill()
        process.wait()


def _said(process: "subprocess.Popen[str]", still: Callable[[], bool]) -> str:
    """All that it says; "" where it was ended."""
    pipe, said = process.stdout, list[str]()
    assert pipe is not None
    reader = threading.Thread(target=lambda: said.append(pipe.read()), daemon=True)
    reader.start()
    for _ in range(LONGEST_RUN):
        if not still():
            break
        reader.join(1)
        if not reader.is_alive():
            return "".join(said)
    return ""


def _heard(text: str) -> Trouble | None:
    try:
        said: dict[str, Any] = json.loads(text)
    except ValueError:
        return Trouble(CrmError("The run broke off: there may be too little memory. Try again with less data."))
    if "error" in said:
        return Trouble(CrmError.from_json(said["error"]))
    failed = said["failed"]
    return Trouble(CrmError.from_json(next(iter(failed.values()))), left=tuple(failed)) if failed else None
