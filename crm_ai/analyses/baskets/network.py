"""Which items a picture of pairs shows, and in what order."""

import numpy as np
import pandas as pd


def graph(pairs: pd.DataFrame, most: int) -> tuple[list[str], np.ndarray]:
    """At most so many items, from the first pairs on, and the links between them, shape (links, 2).

    Items that are linked follow one another.
    """
    chosen: list[str] = []
    for left, right in zip(pairs["left"], pairs["right"], strict=True):
        new = [name for name in (left, right) if name not in chosen]
        if len(chosen) + len(new) <= most:
            chosen += new
    inside = pairs[pairs["left"].isin(chosen) & pairs["right"].isin(chosen)]
    names = _together(chosen, inside)
    places = {name: place for place, name in enumerate(names)}
    return names, np.column_stack([inside["left"].map(places), inside["right"].map(places)]).astype(int)


def circle(n: int) -> np.ndarray:
    """Places on a circle, shape (n, 2): from the top on, clockwise, none exactly at the top."""
    angle = np.pi / 2 - 2 * np.pi * (np.arange(n) + 0.5) / max(n, 1)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _together(names: list[str], pairs: pd.DataFrame) -> list[str]:
    """The names so ordered that each is followed by the one most linked with those just placed."""
    size = len(names)
    place = {name: number for number, name in enumerate(names)}
    left, right = (pairs[side].map(place).to_numpy(int) for side in ("left", "right"))
    weight = np.zeros((size, size))
    weight[left, right] = weight[right, left] = pairs["leverage"]
    order: list[int] = []
    pull = np.zeros(size)
    while len(order) < size:
        pull[order] = -1
        order.append(int(pull.argmax()))
        pull = 0.5 * np.maximum(pull, 0) + weight[order[-1]]
    return [names[number] for number in order]
