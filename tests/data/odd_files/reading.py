"""Takes odd files in, each within its limits of time and memory; run as a script by ``test_odd_files``.

Reads names of cases from standard input, one a line, the dangerous ones first; for each writes its name, then one line
of JSON. A dangerous one is read by a copy of this process, which has all it needs imported and may come to harm alone;
to be copied, this process must not have started an engine.
"""

import json
import os
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import duckdb

from crm_ai.data.dataset import MANIFEST
from crm_ai.data.intake import ingest
from crm_ai.errors import CrmError
from tests.data.odd_files import CASES
from tests.data.odd_files.cases import Case

MOST_ADDRESSES = 12 << 30
"""Past this a process fails instead of taking the machine with it; what is resident is measured."""


def outcome(case: Case, folder: Path) -> dict[str, Any]:
    """What became of a file: a sentence, a traceback, or the table."""
    path = folder / case.file.replace("/", "_")
    path.write_bytes(case.content())
    _forget_peak()
    start = time.perf_counter()
    try:
        ingest([path], folder / "dataset")
        found = _table(folder / "dataset")
    except CrmError as error:
        found = {"sentence": str(error)}
    except Exception:
        found = {"traceback": traceback.format_exc()}
    return found | {"seconds": time.perf_counter() - start, "megabytes": _peak()}


def _table(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    tables = {name: duckdb.read_parquet(str(folder / file)).df() for name, file in manifest["tables"].items()}
    name, frame = max(tables.items(), key=lambda item: len(item[1]))
    rejected = duckdb.read_parquet(str(folder / "rejected.parquet"))
    numbers = frame.select_dtypes("number").sum()
    return {
        "table": name,
        "rows": len(frame),
        "columns": list(frame.columns),
        "totals": {column: float(value) for column, value in numbers.items()},
        "records": _shown(frame.head(20)),
        "rejected": len(rejected),
        "reasons": sorted({row[0] for row in rejected.project("reason").fetchall()}),
        "mapping": {c: m["heading"] + " / " + m["reading"] for c, m in manifest["mappings"][0]["columns"].items()},
    }


def _shown(frame: Any) -> list[dict[str, str | None]]:
    """The cells as text, None where there is none."""
    return [{k: None if v is None or v != v else str(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Megabytes that were resident at once since ``_forget_peak``."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _apart(case: Case) -> dict[str, Any]:
    """The outcome of a case in a process of its own."""
    theirs, ours = os.pipe()
    if not (child := os.fork()):
        os.write(ours, json.dumps(_alone(case)).encode())
        os._exit(0)
    os.close(ours)
    with open(theirs, "rb") as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if said else {"ended": f"status {status}"}


def _alone(case: Case) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return outcome(case, Path(folder))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    for name in map(str.strip, sys.stdin):
        _say(name)
        _say(json.dumps(_apart(CASES[name]) if CASES[name].alone else _alone(CASES[name])))


if __name__ == "__main__":
    main()
