"""The guess with what a person said about it."""

from collections.abc import Mapping as Dictionary
from dataclasses import replace

from crm_ai.data import schema
from crm_ai.data.intake.staging import Staged
from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source
from crm_ai.errors import BadParameter

MOST_NAMED = 30  # headings in one sentence


def wished(here: Staged, headings: Dictionary[str, str], table: str | None = None) -> list[Mapping]:
    """The mapping of each source with what a person said; what fits only some of the files is for those.

    Args:
        here: the staged files.
        headings: canonical column -> heading.
        table: canonical table of all files; as guessed by default.

    Raises:
        BadParameter: no file has one of the headings, or no table one of the columns.
    """
    known = list(dict.fromkeys(column for source in here.sources for column in source.columns))
    for heading in headings.values():
        if heading not in known:
            raise BadParameter(
                "The file has no column {column}; it has {found}.", column=heading, found=known[:MOST_NAMED]
            )
    alone = table is not None or len(here.sources) == 1
    pairs = zip(here.sources, here.guesses, strict=True)
    return [_wished(source, guess, headings, table, alone) for source, guess in pairs]


def _wished(source: Source, guess: Mapping, headings: Dictionary[str, str], table: str | None, alone: bool) -> Mapping:
    fitting = {name: heading for name, heading in headings.items() if heading in source.columns}
    known = schema.TABLES.get(guess.table, {})
    mine = fitting if alone else {name: heading for name, heading in fitting.items() if name in known}
    if mine:
        return merged(source, guess, mine, table)
    return guess if table in (None, guess.table) else schema.guess(source, table)


def merged(source: Source, guess: Mapping, headings: Dictionary[str, str], table: str | None = None) -> Mapping:
    """The guess with some columns said by a person; a heading said for one column is taken from the others.

    The mark of cancelled orders stays: it is read off the order's number or status, whatever that is besides.

    Args:
        source: the file.
        guess: what ``schema.guess`` gave.
        headings: canonical column -> heading.
        table: canonical table; by default the guessed one, or one that has all these columns.

    Raises:
        BadParameter: no table has these columns, or the file lacks a heading.
    """
    table = table or _table_of(guess.table, headings)
    base = guess if guess.table == table else schema.guess(source, table)
    said = schema.remap(source, table, headings)
    taken = set(headings.values())
    free = {name: c for name, c in base.columns.items() if c.heading not in taken or name == "cancelled"}
    return replace(said, columns=_in_order(table, {**free, **said.columns}))


def corrected(source: Source, guess: Mapping, headings: Dictionary[str, str]) -> Mapping:
    """The mapping a person has looked through: ``headings`` is all of it, and what was left as guessed stays so.

    Args:
        source: the file.
        guess: what the person saw.
        headings: canonical column -> heading; a column that is not there is not mapped.
    """
    said = schema.remap(source, guess.table, headings)
    same = {n: c for n, c in guess.columns.items() if headings.get(n) == c.heading}
    return replace(said, columns=_in_order(guess.table, {**said.columns, **same}), constants=guess.constants)


def _table_of(guessed: str, headings: Dictionary[str, str]) -> str:
    candidates = [guessed, *schema.TABLES] if guessed else list(schema.TABLES)
    for table in candidates:
        if set(headings) <= set(schema.TABLES[table]):
            return table
    raise BadParameter("No table has the columns {columns}.", columns=list(headings))


def _in_order(table: str, columns: Dictionary[str, Column]) -> dict[str, Column]:
    return {name: columns[name] for name in schema.TABLES[table] if name in columns}
