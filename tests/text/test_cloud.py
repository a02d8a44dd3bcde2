"""The word cloud."""

import re

import numpy as np

from crm_ai.text.cloud import HEIGHT, MOST, WIDTH, cloud, find_font

WEIGHTS = {"delivery": 50.0, "包装": 40.0, "服務": 30.0, "quality": 20.0, "坏": 10.0}


def points(path: str) -> np.ndarray:
    return np.array([[float(x), float(y)] for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)])


def box(path: str) -> tuple[np.ndarray, np.ndarray]:
    return points(path).min(axis=0), points(path).max(axis=0)


def test_every_word_lies_inside_and_none_on_another():
    placed = cloud(WEIGHTS)
    assert {p.word for p in placed} <= set(WEIGHTS)
    assert placed[0].word == "delivery"
    boxes = [box(p.path) for p in placed]
    for number, (low, high) in enumerate(boxes):
        assert (low >= -2).all()
        assert (high <= [WIDTH + 2, HEIGHT + 2]).all()
        for other_low, other_high in boxes[number + 1 :]:
            assert (high <= other_low + 2).any() or (other_high <= low + 2).any()


def test_chinese_is_drawn_where_a_font_has_it():
    if "DroidSansMono" in find_font().name:
        assert [p.word for p in cloud(WEIGHTS)] == ["delivery", "quality"]
    else:
        assert {p.word for p in cloud(WEIGHTS)} == set(WEIGHTS)


def test_heavier_words_are_taller():
    placed = {p.word: np.ptp(points(p.path)[:, 1]) for p in cloud({"hill": 90.0, "hull": 30.0, "hall": 5.0})}
    assert placed["hill"] > placed["hull"] > placed["hall"]


def test_paths_write_out_every_command():
    for placed in cloud(WEIGHTS):
        assert set(re.findall("[A-Za-z]", placed.path)) <= set("MLCQZ")
        assert all(len(part.split()) == 1 for part in re.findall("[ML]([^A-Z]+)", placed.path))


def test_the_same_words_lie_in_the_same_places():
    assert cloud(WEIGHTS) == cloud(WEIGHTS)


def test_no_words_and_too_many_words():
    assert cloud({}) == []
    assert cloud({"": 1.0, "😀": 3.0, "zero": 0.0}) == []
    assert len(cloud({f"word{n}": 1.0 + n for n in range(300)})) <= MOST
