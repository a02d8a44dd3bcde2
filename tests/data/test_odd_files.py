"""Any file ends in the right table or in a clear sentence: no traceback, no hang, no flood of memory."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.data.odd_files import CASES
from tests.data.odd_files.cases import Case

MOST_SECONDS, MOST_MEGABYTES = 20, 2048
GROUPS = 2
"""Processes at a time: one a core."""
START_SECONDS = 60
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@cache
def outcomes() -> dict[str, dict[str, Any]]:
    """What became of each file; the quiet ones share a process, the dangerous ones have their own, copied from it."""
    found: dict[str, dict[str, Any]] = {}
    names = sorted(CASES, key=lambda name: not CASES[name].alone)
    workers = [threading.Thread(target=_work, args=(names[n::GROUPS], found)) for n in range(GROUPS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def _work(names: list[str], found: dict[str, dict[str, Any]]) -> None:
    while names:
        names = _read(names, found)


def _read(names: Sequence[str], found: dict[str, dict[str, Any]]) -> list[str]:
    """Read files in one process; gives those that are left when one of them ended it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.data.odd_files.reading"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write("\n".join(names) + "\n")
        process.stdin.close()
        for place, name in enumerate(names):
            line = _lines(process, START_SECONDS if not place else MOST_SECONDS * 2)
            if line is None:
                found[name] = {"ended": f"{process.wait()} {process.stderr.read()[-500:]}"}
                return list(names[place + 1 :])
            found[name] = json.loads(line)
    return []


def _lines(process: subprocess.Popen[str], seconds: float) -> str | None:
    """The outcome of the next file; None when the process ended or took too long: then it is ended, its copy too."""
    timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    assert process.stdout
    name, outcome = process.stdout.readline(), process.stdout.readline()
    timer.cancel()
    return outcome if name and outcome else None


def failures(case: Case, found: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    if "ended" in found:
        return [f"the process ended: {found['ended']}"]
    if "traceback" in found:
        return [found["traceback"]]
    limits = {"seconds": MOST_SECONDS, "megabytes": MOST_MEGABYTES}
    over = [f"{found[name]:.0f} {name}" for name, most in limits.items() if found[name] > most]
    if case.refused:
        return over + _not_refused(case, found)
    return over + ([found["sentence"]] if "sentence" in found else _differences(case, found))


def _not_refused(case: Case, found: dict[str, Any]) -> list[str]:
    if "sentence" not in found:
        return [f"not refused: {found}"]
    return [] if case.words in found["sentence"] else [f"another sentence: {found['sentence']}"]


def _differences(case: Case, found: dict[str, Any]) -> list[str]:
    wanted = {"table": case.table, "rows": case.rows, "rejected": case.rejected}
    wrong = [f"{key} {found[key]}, not {value}" for key, value in wanted.items() if value not in (None, found[key])]
    for column, total in case.totals.items():
        if abs(found["totals"].get(column, -1e99) - total) > 1e-6 * max(abs(total), 1):
            wrong.append(f"sum of {column} {found['totals'].get(column)}, not {total}")
    for (row, column), value in case.cells.items():
        shown = found["records"][row].get(column) if row < len(found["records"]) else "no such row"
        if shown != (None if value is None else str(value)):
            wrong.append(f"{column} of row {row} {shown!r}, not {str(value)!r}")
    wrong += [
        f"no reason {reason}, but {found['reasons']}" for reason in case.reasons if reason not in found["reasons"]
    ]
    return [*wrong, str(found["mapping"])] if wrong else []


@pytest.mark.parametrize("name", CASES)
def test_an_odd_file_ends_in_the_right_table_or_in_a_clear_sentence(name: str) -> None:
    assert not failures(CASES[name], outcomes()[name])


def test_the_corpus_is_large_and_every_case_is_named_once() -> None:
    assert len(CASES) >= 130
