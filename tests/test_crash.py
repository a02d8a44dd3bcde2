"""kill -9 at random moments of import, append and delete: what was committed is whole, a half is never seen."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_ai.data.dataset import MANIFEST
from crm_ai.data.intake import FILES, REJECTED, STAGED
from crm_ai.store import Workspace, locks
from crm_ai.store.workspace import DRAFT

ROOT = Path(__file__).parents[1]
HEAD = "order_id,customer_id,order_date,product,quantity,unit_price\n"
LINES = 40
KILLS = 30


def program(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.crashing", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


class Nursery:
    """Children that do one thing each, and may be killed in the middle of it."""

    def __init__(self, folder: Path):
        self.process = program("nursery", str(folder))
        self.answer()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def order(self, action: str, *given: Any, **kill: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        print(json.dumps({"action": action, "with": given, **kill}), file=self.process.stdin, flush=True)
        ended: dict[str, Any] = json.loads(self.answer())
        assert ended["killed"] or ended["status"] == 0
        return ended

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def nursery(workspace) -> Iterator[Nursery]:
    found = Nursery(workspace.folder)
    yield found
    found.close()


class Files:
    """Order files of which no two share an order; the name says what is in them."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> tuple[str, str]:
        self.count += 1
        rows = LINES + self.count
        lines = [f"{self.count}-{n},C{n % 9},2024-03-{n % 28 + 1:02},Tea,1,{self.count}\n" for n in range(rows)]
        return f"{rows}x{self.count}.csv", HEAD + "".join(lines)


def expected(names: list[str]) -> tuple[int, float]:
    """Rows and amount of a version, from the names of its files."""
    pairs = [name.removesuffix(".csv").split("x") for name in names]
    return sum(int(rows) for rows, _ in pairs), sum(int(rows) * int(price) for rows, price in pairs)


def state(workspace: Workspace) -> dict[str, Any]:
    """Everything that can be seen: address -> files and rules."""
    every = [version for name in workspace.datasets() for version in workspace.versions(name)]
    return {v.address: ([source["name"] for source in v.manifest["sources"]], v.manifest["rules"]) for v in every}


def check_whole(workspace: Workspace) -> None:
    """Every version opens and adds up to what is in its files."""
    for address, (names, _) in state(workspace).items():
        data = workspace.open(address)
        lines = data.table("transactions", "order_id", "amount")
        found = data.frame(lines.aggregate(rows=lines.count(), amount=lines.amount.sum())).iloc[0]
        assert (found["rows"], found["amount"]) == expected(names)


def known(workspace: Workspace) -> Iterator[Path]:
    """Every file there may be after a recovery."""
    for name in workspace.datasets():
        for version in workspace.versions(name):
            manifest, folder = version.manifest, version.folder
            parts = [source[part] for source in manifest["sources"] for part in ("raw", "rejected") if source[part]]
            names = (MANIFEST, STAGED, DRAFT, REJECTED, *parts, *manifest["tables"].values())
            yield from (folder / name for name in names)
            yield from (folder / FILES).rglob("*")
            yield from (workspace.folder / "results" / version.fingerprint).rglob("*")
    for draft in workspace.unfinished():
        yield from draft.folder.rglob("*")
    yield from workspace.mappings.glob("*.json")
    yield from (path for path in (workspace.folder / "locks").iterdir() if locks.lives(workspace.folder, path.stem))


def check_no_orphans(workspace: Workspace) -> None:
    found = {path for path in workspace.folder.rglob("*") if path.is_file()}
    assert found - set(known(workspace)) == set()
    assert list((workspace.folder / "trash").glob("*")) == []


def action(workspace: Workspace, files: Files, rng: random.Random) -> tuple[list[Any], list[dict[str, Any]]]:
    """Something to do, and the states that may be seen when it was stopped: before and after."""
    before = state(workspace)
    name, text = files.next()
    address = rng.choice(list(before))
    dataset = address.partition("@")[0]
    newest = workspace.version(dataset)
    names, rules = before[newest.address]
    following = f"{dataset}@{newest.number + 1}"
    kind = rng.choice(["import", "append", "append", "replace", "revise", "delete", "delete", "delete_version", "run"])
    if kind in ("append", "replace"):
        return ["add", name, text, dataset, kind], [before, before | {following: ([*names, name], rules)}]
    if kind == "revise":
        switched = {"missing_customer": not rules.get("missing_customer", True)}
        return ["revise", dataset, switched], [before, before | {following: (names, rules | switched)}]
    if kind == "delete" and len(workspace.datasets()) > 1:
        left = {each: value for each, value in before.items() if each.partition("@")[0] != dataset}
        return ["delete", dataset], [before, left]
    if kind == "delete_version" and len(workspace.versions(dataset)) > 1:
        left = {each: value for each, value in before.items() if each != address}
        return ["delete_version", address], [before, left]
    if kind == "run":
        return ["run", dataset, rng.randint(3, 50)], [before]
    return ["add", name, text], [before, {"new": ([name], {})} | before]


def is_one_of(found: dict[str, Any], allowed: list[dict[str, Any]]) -> bool:
    """Whether the state is one of these; a new dataset may have any id."""
    for states in allowed:
        fresh = [address for address in found if address not in states and address.endswith("@1")]
        renamed = {
            "new" if "new" in states and address in fresh else address: value for address, value in found.items()
        }
        if renamed == states:
            return True
    return False


@pytest.mark.slow
def test_kill_9_at_random_moments_leaves_every_version_whole_and_nothing_else(workspace, nursery):
    rng, files = random.Random(20240301), Files()
    for _ in range(2):
        nursery.order("add", *files.next())
    begun = time.monotonic()
    usual = {"add": nursery.order("add", *files.next())["changes"], "seconds": time.monotonic() - begun}
    killed = []
    for number in range(KILLS):
        order, allowed = action(workspace, files, rng)
        few = {"run": 6, "delete": 8, "delete_version": 8}.get(order[0], usual["add"])
        moment = {"before": rng.randrange(few)} if number % 3 else {"seconds": rng.uniform(0.001, usual["seconds"])}
        ended = nursery.order(*order, **moment)
        workspace.recover()
        assert is_one_of(state(workspace), allowed if ended["killed"] else allowed[-1:]), (order[0], moment)
        check_whole(workspace)
        check_no_orphans(workspace)
        killed += [order[0]] * ended["killed"]
    assert len(killed) > KILLS / 2
    assert {"add", "delete"} <= set(killed)


@pytest.mark.slow
def test_around_the_commit_there_is_a_version_or_none(workspace, nursery):
    """An append is killed before each of its last changes."""
    files = Files()
    nursery.order("add", *files.next())
    dataset, before = next(iter(workspace.datasets())), state(workspace)
    usual = nursery.order("add", *files.next(), dataset)["changes"]
    workspace.delete_version(f"{dataset}@2")
    seen = set()
    for moment in range(usual - 7, usual):
        name, text = files.next()
        assert nursery.order("add", name, text, dataset, before=moment)["killed"]
        workspace.recover()
        found = state(workspace)
        added = {address: value for address, value in found.items() if address not in before}
        assert list(added.values()) in ([], [([*before[f"{dataset}@1"][0], name], {})])
        check_no_orphans(workspace)
        seen.add(len(added))
        for address in added:
            workspace.delete_version(address)
    assert seen == {0, 1}


@pytest.mark.slow
def test_an_upload_that_was_read_can_be_finished_after_the_crash(workspace, nursery):
    name, text = Files().next()
    assert nursery.order("add", name, text, to="/versions/")["killed"]
    workspace.recover()
    assert workspace.datasets() == {}
    (draft,) = workspace.unfinished()
    nursery.order("finish", draft.id, "")
    workspace.recover()
    assert workspace.unfinished() == []
    assert list(state(workspace).values()) == [([name], {})]
    check_whole(workspace)
    check_no_orphans(workspace)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["running ", "running Recognising columns", "running Cleaning"])
def test_workers_end_with_their_server_and_leave_nothing_half(step, workspace):
    draft = workspace.new_draft()
    name, text = Files().next()
    path = draft.folder / FILES / "000" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    stage = {"task": "stage", "draft": draft.id, "files": [str(path)], "names": [name]}
    finish = {"task": "finish", "draft": draft.id, "mappings": [], "name": "shop"}
    server = program("server", str(workspace.folder), json.dumps([stage, finish]))
    assert server.stdout is not None
    for line in server.stdout:
        if json.loads(line)["step"] in (step, "done"):
            break
    server.kill()
    server.wait()
    mine = locks.owner(workspace.folder).name
    others = [path.stem for path in (workspace.folder / "locks").iterdir() if path.stem != mine]
    waiting = threading.Event()
    while any(locks.lives(workspace.folder, other) for other in others):  # until the worker is gone too
        assert not waiting.wait(0.01)
    workspace.recover()
    assert list(state(workspace).values()) in ([], [([name], {})])
    check_whole(workspace)
    assert list((workspace.folder / "locks").iterdir()) == [workspace.folder / "locks" / f"{mine}.lock"]
