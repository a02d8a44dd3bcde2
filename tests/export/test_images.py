import os
import re
import signal
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from kaleido import Kaleido

from crm_ai import charts, export
from crm_ai.export import images

pytestmark = pytest.mark.usefixtures("chromium")


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


def test_a_png_has_twice_the_resolution_of_the_screen():
    assert size(export.chart(charts.bar("Sales", ["a", "b"], [1, 2]), "png")) == (2 * images.WIDTH, 2 * images.HEIGHT)


def test_a_tall_chart_keeps_its_height():
    tall = charts.bar("Many", [str(n) for n in range(40)], np.arange(40), horizontal=True)
    assert size(export.chart(tall, "png"))[1] == 2 * tall.layout.height > 2 * images.HEIGHT


def test_an_svg_keeps_chinese_and_escapes_markup():
    svg = export.chart(charts.bar("销售额 <b> & co", ["茶叶"], [1]), "svg").decode()
    assert "销售额" in svg
    assert "茶叶" in svg
    assert "<b>" not in svg


def test_pictures_are_dark_on_white_whatever_the_screen_shows():
    dark = charts.bar("x", ["a"], [1]).update_layout(template="plotly_dark")
    svg = export.chart(dark, "svg").decode()
    assert re.search(r"<rect[^>]*fill: rgb\(255, 255, 255\)", svg)
    assert "rgb(17, 17, 17)" not in svg  # the ground of the dark template
    assert dark.layout.paper_bgcolor is None


def test_chinese_letters_are_drawn_and_not_replaced_by_boxes():
    one, other = (export.chart(charts.bar(title, [], []), "png") for title in ("客户", "订单"))
    assert one != other


def test_several_threads_may_ask_at_once():
    figures = [charts.bar(f"chart {n}", ["a"], [n]) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda figure: export.chart(figure, "svg").decode(), figures))
    assert [f"chart {n}" in svg for n, svg in enumerate(drawn)] == [True] * 4


def test_a_browser_that_died_is_started_again():
    export.chart(charts.bar("before", ["a"], [1]), "svg")
    os.kill(images.studio()._browser.process, signal.SIGKILL)
    assert "after" in export.chart(charts.bar("after", ["a"], [1]), "svg").decode()


@pytest.mark.slow
def test_a_browser_that_dies_in_the_middle_takes_no_visitor_with_it():
    figures = [charts.bar(f"chart {n}", ["a"], [n]) for n in range(40)]
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(images.pictures, figures, "svg") for _ in range(2)]
        os.kill(images.studio()._browser.process, signal.SIGKILL)
        drawn = [each.result() for each in made]
    assert all(all(pictures) for pictures in drawn)


def test_a_chart_that_cannot_be_drawn_leaves_the_others():
    class Broken:
        def to_dict(self) -> dict:
            raise ValueError

    size = {"format": "svg", "width": 300, "height": 200}
    good = charts.bar("good", ["a"], [1])
    assert [bool(each) for each in images.studio().pictures([good, Broken(), good], [size] * 3)] == [True, False, True]


def test_a_browser_that_nobody_needs_is_closed_and_started_again():
    export.chart(charts.bar("before", ["a"], [1]), "svg")
    browser = images.studio()._browser
    assert images.studio()._rest.is_alive()
    images.studio().close()
    assert not Path(f"/proc/{browser.process}").exists()
    assert "after" in export.chart(charts.bar("after", ["a"], [1]), "svg").decode()


def test_kaleido_still_has_what_is_kept_from_reloading():
    assert callable(Kaleido._return_kaleido_tab)


def test_signs_that_xml_forbids_are_left_out():
    ElementTree.fromstring(export.chart(charts.bar("a\x00b\x1b", ["\x0b"], [1]), "svg"))


def test_a_legend_below_stays_clear_of_the_axis():
    figure = images.untitled(charts.grouped("x", ["a"], {"b": [1], "c": [2]}))
    assert (figure.layout.legend.yref, figure.layout.title.text) == ("container", "")
