"""suggest(): the joins that headings and content speak for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import duckdb

from crm_ai.data.files.tables import connection
from crm_ai.data.headings import plain
from crm_ai.data.relations.columns import Key, Table, table_of
from crm_ai.data.relations.hints import MEANT, SAME, hint, is_general, is_key, is_measure, singular
from crm_ai.data.relations.joins import Join, Pair, is_unique, matched, names
from crm_ai.data.sources import Source, whole

DECLARED, VALUES = "declared in the database", "values that fit"
"""Why a join was suggested; texts to translate."""
BY_VALUES = 0.5
LOOK = 20_000
"""Rows of a first look, before all rows are counted."""
MOST_TABLES = 100
"""The largest ones are compared with each other."""
MOST_CANDIDATES, MOST_LOOKS = 1000, 400
"""Pairs of columns whose rows are counted, and those that are compared by content alone; clear ones come first."""
WIDEST_KEY, MOST_PARTS = 3, 6
ALIKE = 0.8
"""Share of headings from which two tables are the same table of two files, to be appended and not joined."""
_NEEDED = ((0.85, 0.05), (0.75, 0.3), (0.6, 0.5), (0.0, 0.95))
"""How clear the headings are -> share of the keys that must find a partner."""


@dataclass(frozen=True)
class Candidate:
    """Two tables that may be joined, and how much speaks for it before rows are counted."""

    left: Table
    right: Table
    on: tuple[tuple[str, str], ...]
    worth: float
    why: str

    @property
    def pair(self) -> Pair:
        return Pair(self.left.source, self.right.source, self.on)


def suggest(sources: Sequence[Source]) -> tuple[Join, ...]:
    """The joins between tables, those of large tables first; without cycles, never to a table with several rows a key.

    Args:
        sources: as ``read_source`` gives them, of one file or of several.
    """
    with connection() as engine:
        pairs = zip(names(sources), sources, strict=True)
        large = sorted((pair for pair in pairs if pair[1].rows), key=lambda pair: -pair[1].rows)[:MOST_TABLES]
        tables = [table_of(engine, name, source) for name, source in large]
        joins: list[Join] = []
        candidates = sorted(_candidates(tables), key=lambda found: -found.worth)
        for candidate in candidates[:MOST_CANDIDATES]:
            if join := _best_way(engine, candidate, joins):
                joins.append(join)
    rows = {table.name: table.source.rows for table in tables}
    return tuple(sorted(joins, key=lambda join: -rows[join.left]))


def _candidates(tables: Sequence[Table]) -> Iterator[Candidate]:
    pairs = [(left, right) for left, right in permutations(tables, 2) if not _alike(left, right)]
    looks = 0
    for left, right in pairs:
        yield from _declared(left, right)
        hinted = [found for here in left.keys for there in right.keys if (found := _hinted(left, right, here, there))]
        yield from (found for found in hinted if _may_be_unique(right, found))
        yield from _composite(left, right, hinted)
        for here in left.keys if not hinted and looks < MOST_LOOKS else ():
            for there in filter(lambda key: _may_hold(here, key), right.keys):
                looks += 1
                yield Candidate(left, right, ((here.heading, there.heading),), BY_VALUES, VALUES)


def _alike(left: Table, right: Table) -> bool:
    """Two files of one kind, such as two months."""
    common = len(left.headings & right.headings)
    return common >= ALIKE * max(len(left.headings), len(right.headings)) and common > 2


def _declared(left: Table, right: Table) -> Iterator[Candidate]:
    for reference in left.references:
        there = reference.to or right.source.columns[: len(reference.on)]
        known = set(reference.on) <= set(left.source.columns) and set(there) <= set(right.source.columns)
        if reference.table == right.source.sheet and left.source.name == right.source.name and known:
            yield Candidate(left, right, tuple(zip(reference.on, there, strict=True)), 1.0, DECLARED)


def _hinted(left: Table, right: Table, here: Key, there: Key) -> Candidate | None:
    worth, why = hint(here.heading, there.heading, right.name)
    return Candidate(left, right, ((here.heading, there.heading),), worth, why) if worth else None


def _may_be_unique(table: Table, candidate: Candidate) -> bool:
    heading = candidate.on[0][1]
    return any(key.may_be_unique for key in table.keys if key.heading == heading)


def _may_hold(here: Key, there: Key) -> bool:
    """Whether values alone may tell: they are telling, and the right column could be a key that holds them all."""
    telling = here.is_telling and there.is_telling and here.is_number == there.is_number
    words = is_measure(here.heading) or is_measure(there.heading) or is_general(here.heading)
    return telling and not words and there.may_be_unique and here.distinct <= 1.1 * there.distinct


def _composite(left: Table, right: Table, hinted: Sequence[Candidate]) -> Iterator[Candidate]:
    """Keys of several columns, none of which is one alone."""
    parts = [found for found in hinted if is_key(found.on[0][1])]
    if any(_may_be_unique(right, found) for found in parts):
        return
    for size in range(2, WIDEST_KEY + 1):
        for chosen in combinations(parts[:MOST_PARTS], size):
            on = tuple(found.on[0] for found in chosen)
            if len({here for here, _ in on}) == len({there for _, there in on}) == size:
                worth = min(found.worth for found in chosen) - 0.02 * size
                yield Candidate(left, right, on, worth, chosen[0].why)


def _is_free(candidate: Candidate, joins: Sequence[Join]) -> bool:
    """Not joined yet, no way back from right to left, and no clearer use of the same column."""
    left, right = candidate.left.name, candidate.right.name
    if any({join.left, join.right} == {left, right} for join in joins) or left in reached(right, joins):
        return False
    used = [join for join in joins if join.left == left and set(join.left_on) == {here for here, _ in candidate.on}]
    return not used or candidate.worth >= 0.9


def reached(table: str, joins: Sequence[Join]) -> list[str]:
    """The tables that a table's rows lead to, near ones first; the table itself is the first."""
    found = [table]
    for here in found:
        found += [join.right for join in joins if join.left == here and join.right not in found]
    return found


def _measured(engine: duckdb.DuckDBPyConnection, candidate: Candidate) -> Join | None:
    """The join with its exact counts; None when they speak against it."""
    pair, here = candidate.pair, tuple(left for left, _ in candidate.on)
    there = tuple(right for _, right in candidate.on)
    needed = 0.0 if candidate.why == DECLARED else next(s for worth, s in _NEEDED if candidate.worth >= worth)
    if not set(candidate.right.source.columns) - set(there) or not is_unique(engine, pair, LOOK):
        return None
    pair = replace(pair, right=whole(pair.right))  # a large text shows but a sample until somebody asks for all of it
    if not (_fits(matched(engine, pair, LOOK), 0.8 * needed) and is_unique(engine, pair)):
        return None
    counts = matched(engine, pair)
    if not _fits(counts, needed):
        return None
    if (more := _with_shared_keys(candidate)) and matched(engine, more.pair)[0] < counts[0]:
        return _measured(engine, more)
    share = counts[0] / counts[2]
    confidence = 1.0 if candidate.why == DECLARED else round(candidate.worth * (0.7 + 0.3 * counts[0] / counts[1]), 2)
    return Join(candidate.left.name, candidate.right.name, here, there, share, candidate.why, confidence)


def _with_shared_keys(candidate: Candidate) -> Candidate | None:
    """The same tables by all keys that both have: a returned line is known by its order and its product together."""
    if candidate.why not in (SAME, MEANT):
        return None
    ours, theirs = ({plain(key.heading): key.heading for key in table.keys if is_key(key.heading)}
                    for table in (candidate.left, candidate.right))  # fmt: skip
    used = {heading for pair in candidate.on for heading in map(plain, pair)}
    shared = tuple((ours[name], theirs[name]) for name in ours if name in theirs and name not in used)
    on = (*candidate.on, *shared)[:WIDEST_KEY]
    return replace(candidate, on=on) if len(on) > len(candidate.on) else None


def _fits(counts: tuple[int, int, int], needed: float) -> bool:
    found, keyed, _ = counts
    return found > 0 and found >= needed * keyed


def _best_way(engine: duckdb.DuckDBPyConnection, candidate: Candidate, joins: Sequence[Join]) -> Join | None:
    """Where both tables have one row a key, the part points to the whole, or to the table named after the key."""
    ways = [candidate]
    if candidate.why != DECLARED:
        turned = tuple((there, here) for here, there in candidate.on)
        ways.append(replace(candidate, left=candidate.right, right=candidate.left, on=turned))
    found = [(way, join) for way in ways if _is_free(way, joins) and (join := _measured(engine, way))]
    return max(found, key=lambda each: _rank(*each))[1] if found else None


def _rank(candidate: Candidate, join: Join) -> tuple[float, bool]:
    owner = singular(candidate.right.name)
    return round(join.share, 3), any(singular(there).startswith(owner) for _, there in candidate.on)
