"""An analyst's way: a 45 MB file, every page, one parameter changed on each, downloads, reload."""

import io

import pandas as pd
import pytest

from crm_ai import analyses
from tests.browser import driver
from tests.conftest import shared

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHANGES = {
    "overview": ("compare", "The same month a year before", "上年同月"),
    "segments": ("method", "RFM: named segments by scores", "RFM：按得分命名分群"),
    "purchases": ("model", "Decision tree", "决策树"),
    "forecast": ("model", "Theta", "Theta 模型"),
    "baskets": ("min_support", "0.02", "0.02"),
    "anomalies": ("on", "Each customer", "单个客户"),
}
"""Page -> parameter, and what to choose in English and Chinese."""


@pytest.fixture(scope="module")
def uploaded(chromium, server, csv):
    """The address of the dataset."""
    with driver.visiting(chromium, server) as visitor:
        visitor.upload(csv)
        assert "/overview" in visitor.page.url
        return visitor.page.url.split("?")[1].split("&")[0]


def test_the_upload_leads_to_the_overview_with_the_published_totals(chromium, server, uploaded):
    with driver.visiting(chromium, server) as visitor:
        text = visitor.open(f"/overview?{uploaded}").text()
        for figure in ("8,911,408", "18,532", "4,338"):
            assert figure in text


@pytest.mark.parametrize("name", CHANGES)
def test_a_page_answers_and_every_change_shows(name, chromium, server, uploaded):
    parameter, english, _ = CHANGES[name]
    with driver.visiting(chromium, server) as visitor:
        before = visitor.open(f"/{name}?{uploaded}").quiet(120).charts()
        assert len(before) >= 3
        visitor.change(f"param-{parameter}", english)
        visitor.page.get_by_role("button", name="Run").click()
        visitor.quiet(120)
        assert parameter in visitor.page.url
        assert visitor.charts() != before
        assert visitor.too_wide() == []


def test_a_chart_and_a_table_can_be_downloaded(chromium, server, uploaded):
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/overview?{uploaded}").quiet(120)
        visitor.find("get-revenue").locator("button").first.click()
        visitor.quiet()
        assert visitor.download("get-revenue-png").startswith(b"\x89PNG")
        table = pd.read_csv(io.BytesIO(visitor.download("get-by_month-csv")))
        assert len(table) == 13


def test_data_and_parameters_are_there_after_a_reload(chromium, server, uploaded):
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/overview?{uploaded}&top=20").quiet(120)
        first = visitor.charts()
        visitor.page.reload()
        assert visitor.quiet(120).charts() == first
        assert "top=20" in visitor.page.url


def test_a_selected_segment_lists_its_customers(chromium, server, uploaded):
    with driver.visiting(chromium, server) as visitor:
        visitor.open(f"/segments?{uploaded}").quiet(120).charts()
        visitor.find("chart-sizes").locator(".point path").first.click(force=True)
        visitor.quiet().page.get_by_role("tab").nth(1).click()
        table = pd.read_csv(io.BytesIO(visitor.download("get-customers-csv")))
        assert 0 < len(table) < 4338
        assert table.iloc[:, 1].nunique() == 1


@pytest.mark.parametrize("name", ["overview", "segments"])
def test_the_same_in_chinese(name, chromium, server, uploaded):
    parameter, _, chinese = CHANGES[name]
    with driver.visiting(chromium, server, language="zh-CN") as visitor:
        before = visitor.open(f"/{name}?{uploaded}").quiet(120).charts()
        visitor.change(f"param-{parameter}", chinese)
        visitor.page.get_by_role("button", name="运行").click()
        assert visitor.quiet(120).charts() != before
        assert "主要发现" in visitor.text()
        assert visitor.too_wide() == []


@pytest.mark.parametrize("file", ["clothing/womens_full.csv.gz", "zh_reviews/waimai_10k.csv"])
def test_reviews_in_english_and_chinese_give_feedback(file, chromium, server, tmp_path):
    frame = pd.read_csv(shared(file)).sample(600, random_state=0)
    path = tmp_path / "reviews.csv"
    frame.to_csv(path, index=False)
    with driver.visiting(chromium, server) as visitor:
        visitor.upload(path)
        assert "/feedback" in visitor.page.url
        assert len(visitor.quiet(240).charts()) >= 3
        assert "macro" in visitor.text().lower()


@pytest.mark.parametrize("name", [name for name in analyses.ALL if name != "feedback"])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_nothing_is_cut_off_on_a_phone_in_the_dark(name, language, chromium, server, uploaded):
    with driver.visiting(chromium, server, width=390, language=language, dark=True) as visitor:
        visitor.open(f"/{name}?{uploaded}").quiet(120)
        visitor.charts()
        assert visitor.too_wide() == []
