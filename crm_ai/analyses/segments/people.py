"""Customers as the division needs them: one shape for purchases and for attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.analyses.segments import traits
from crm_ai.analyses.segments.customers import HABITS, RFM
from crm_ai.analyses.segments.division import score
from crm_ai.errors import TooLittleData
from crm_ai.methods.scaling import Scale


@dataclass(frozen=True)
class People:
    """Customers, and the columns by which they are grouped.

    Attributes:
        customers: the public table without segment and name.
        scaled: shape (customers, labels), float32.
        labels: name of each scaled column; "Gender = Female" for a text.
        numbers: number columns of ``customers`` that are grouped by.
        levels: text columns that are grouped by.
        left_out: (column, reason).
        scores: recency_score, frequency_score, monetary_score, rfm_score, rfm_segment; None for attributes.
        scales: of each scaled column of purchases, in their order.
    """

    customers: pd.DataFrame
    scaled: np.ndarray
    labels: list[str]
    numbers: list[str]
    levels: Mapping[str, pd.Series] = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()
    scores: pd.DataFrame | None = None
    scales: Mapping[str, Scale] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        return "attributes" if self.scores is None else "purchases"


def from_purchases(frame: pd.DataFrame, params: Any) -> People:
    """Customers by what they bought; RFM scores are theirs whatever they are grouped by."""
    scores = score(frame)
    used = [name for name in RFM + (HABITS if params.features == "all" else ()) if name in frame]
    scales = {name: Scale.of(frame[name].to_numpy(float)) for name in used}
    first = ["customer_id", *RFM]
    rest = [name for name in frame.columns if name not in first]
    customers = pd.concat([frame[first], scores[["rfm_score", "rfm_segment"]], frame[rest]], axis=1)
    return People(customers, side_by_side(frame, scales), used, used, scores=scores, scales=scales)


def side_by_side(frame: pd.DataFrame, scales: Mapping[str, Scale]) -> np.ndarray:
    """The scaled columns, shape (rows, scales), float32."""
    return np.column_stack([scale(frame[name].to_numpy(float)) for name, scale in scales.items()])


def from_attributes(frame: pd.DataFrame, params: Any) -> People:
    """Customers by what is known of them.

    Raises:
        BadParameter: a wanted column is not there.
        TooLittleData: no column can be used.
    """
    found = traits.traits(frame, params.columns)
    if not found.numbers and not found.levels:
        raise TooLittleData(
            "No column of the customer table can be used: columns with few different values or numbers are needed."
        )
    scaled, labels = traits.matrix(found, params.text_weight)
    customers = frame[["customer_id"]].assign(**found.numbers, **found.levels)
    return People(customers, scaled, labels, list(found.numbers), found.levels, found.left_out)
