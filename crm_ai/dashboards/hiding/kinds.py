"""What a table holds - nobody, groups of people, or a row a person - and how each is made safe."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.dashboards.hiding.alike import alike, usual
from crm_ai.data.privacy.columns import kind_of
from crm_ai.data.privacy.names import surnames, words

LOOKED_AT = 500
"""Values of a column that are looked at for people."""
NAMED = 0.4
"""Share of texts with a given name from which on they are names: the list of names is short."""
FEWEST_ROWS = 2
"""Rows that must be missing together, so that a total minus the rest is no row."""


@dataclass(frozen=True)
class Hide:
    """What is hidden.

    Attributes:
        small: numbers of fewer than five people.
        personal: whatever tells who somebody is.
    """

    small: bool = True
    personal: bool = True


@dataclass(frozen=True)
class Kind:
    """A table that says nothing of few people.

    Attributes:
        gone: columns that may name somebody, emptied.
        ids: column -> what its values are called instead, "{n}" being a running number.
    """

    gone: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)

    def safe(self, frame: pd.DataFrame, hide: Hide, least: int) -> pd.DataFrame:
        """The table as strangers may see it."""
        return emptied(frame, self.gone) if hide.personal else frame


@dataclass(frozen=True)
class Groups(Kind):
    """A row a group of people, orders or texts.

    Attributes:
        sizes: columns with the size of the group; the rows of a table that has none of them are left out.
        parts: columns with sizes of parts of it, which are emptied together.
        within: columns within whose values the rows add up; None where they do not.
        blank: columns to empty where the row cannot be spared.
    """

    sizes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    within: tuple[str, ...] | None = ()
    blank: tuple[str, ...] = ()

    def safe(self, frame: pd.DataFrame, hide: Hide, least: int) -> pd.DataFrame:
        frame = super().safe(frame, hide, least)
        if not hide.small or frame.empty:
            return frame
        here = [name for name in self.sizes if name in frame]
        if not here:
            return frame.head(0)
        out = small(frame[here], least)
        if self.within is not None:
            out |= _with_others(frame, here[0], out, self.within, least)
        if self.blank:
            return emptied(frame, (*here, *self.blank), out)
        parts = [name for name in self.parts if name in frame]
        return emptied(frame, parts, small(frame[parts], least))[~out].reset_index(drop=True)


@dataclass(frozen=True)
class People(Kind):
    """A row a person, an order or a text.

    Attributes:
        by: columns of codes; only rows of the same codes are put together.
        codes: other columns of codes of ours, of which the usual one stands for all.
        exact: columns left as they are: they say nothing of a row by themselves.
        free: whether there may be other columns, those of the data; they are looked at for people.
    """

    by: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    free: bool = False

    def safe(self, frame: pd.DataFrame, hide: Hide, least: int) -> pd.DataFrame:
        frame = super().safe(frame, hide, least)
        if hide.personal:
            frame = emptied(frame, [name for name in self.others(frame) if tells_of_people(frame[name], least)])
        return self._together(frame, least) if hide.small and len(frame) else frame

    def others(self, frame: pd.DataFrame) -> list[str]:
        """The columns of the data themselves."""
        known = {*self.by, *self.codes, *self.exact, *self.ids, *self.gone}
        return [str(name) for name in frame if name not in known] if self.free else []

    def _together(self, frame: pd.DataFrame, least: int) -> pd.DataFrame:
        """Means of at least ``least`` rows that are alike; too small blocks are left out."""
        block = frame.groupby([*self.by], sort=False, dropna=False).ngroup() if self.by else pd.Series(0, frame.index)
        enough = (block.map(block.value_counts()) >= least).to_numpy()
        frame, blocks = frame[enough].reset_index(drop=True), block.to_numpy()[enough]
        change = [str(name) for name in frame if name not in {*self.by, *self.exact, *self.ids}]
        values = [name for name in change if is_value(frame[name]) and name not in self.codes]
        groups = alike(blocks, frame[values], least)
        means = {name: frame[name].groupby(groups).transform("mean") for name in values}
        codes = {name: usual(frame[name], groups) for name in change if name not in values}
        return frame.assign(**means, **codes)


def small(sizes: pd.DataFrame, least: int) -> np.ndarray:
    """(rows,) bool: whether any of the sizes is above 0 and too small."""
    numbers = sizes.to_numpy(float)
    return np.asarray(((numbers > 0) & (numbers < least)).any(axis=1))


def emptied(frame: pd.DataFrame, names: Any, rows: np.ndarray | None = None) -> pd.DataFrame:
    """With no values in these columns: "" for texts, nothing for numbers; in these rows, or in all."""
    where = np.ones(len(frame), dtype=bool) if rows is None else rows
    here = {name: _without(frame[name], where) for name in names if name in frame}
    return frame.assign(**here) if where.any() else frame


def _without(column: pd.Series, where: np.ndarray) -> pd.Series:
    if is_value(column) and not pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.astype("float64").mask(where)
    return column.mask(where) if pd.api.types.is_datetime64_any_dtype(column.dtype) else column.mask(where, "")


def is_value(column: pd.Series) -> bool:
    """Whether it holds numbers or moments."""
    types = pd.api.types
    number = types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype)
    return number or types.is_datetime64_any_dtype(column.dtype)


def tells_of_people(column: pd.Series, least: int) -> bool:
    """Whether a column of the data tells who somebody is: by its kind, or with texts that hardly anybody has."""
    values = column.dropna().astype(str)
    values = values[values != ""]
    some = values.iloc[:: max(1, len(values) // LOOKED_AT)].tolist()
    if kind_of(str(column.name), some)[0]:
        return True
    return not is_value(column) and (_are_names(set(some)) or bool((values.value_counts() < least).any()))


def _are_names(values: set[str]) -> bool:
    """Whether texts are names of people, be they only a few."""
    latin = [value for value in values if _given(value)]
    chinese = [value for value in values if re.fullmatch(rf"{surnames(common=True)}[\u4e00-\u9fff]{{1,2}}", value)]
    return bool(values) and (len(latin) >= NAMED * len(values) or len(chinese) >= 0.9 * len(values))


def _given(value: str) -> bool:
    return bool(words("given names") & set(value.lower().replace(",", " ").split()))


def _with_others(frame: pd.DataFrame, size: str, out: np.ndarray, within: tuple[str, ...], least: int) -> np.ndarray:
    """Rows to leave out beside those that are too small, so that the missing ones together are not."""
    more = np.zeros(len(frame), dtype=bool)
    sizes = frame[size].fillna(0).to_numpy(float)
    block = frame.groupby([*within], sort=False, dropna=False).ngroup().to_numpy() if within else np.zeros(len(frame))
    for rows in (np.flatnonzero(block == code) for code in np.unique(block)):
        missing = rows[out[rows]]
        others = rows[~out[rows] & (sizes[rows] > 0)]
        if not len(missing) or not len(others):
            continue
        order = others[np.argsort(sizes[others], kind="stable")]
        reached = sizes[missing].sum() + np.append(0, np.cumsum(sizes[order]))
        needed = max(int((reached < least).sum()), FEWEST_ROWS - len(missing), 0)
        more[order[:needed]] = True
    return more
