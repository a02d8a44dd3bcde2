"""The words people put above columns, in English and Chinese (headings.txt): heading -> canonical column."""

import re
import unicodedata
from functools import cache
from pathlib import Path

NAMES = Path(__file__).with_name("headings.txt")
WEAKLY = 0.35
"""What a weak name loses."""

WORDS_AGAINST: dict[str, str] = {
    "ordered_at": r"ship|deliver|due|expir|birth|regist|update|cancel|refund|return|estimat|approved|signup|join"
    r"|发货|送达|收货时间|签收|到期|生日|出生|注册|更新|确认|退|交货|入会",
    "amount": r"discount|tax|ship|freight|refund|profit|margin|cost|fee|coupon|balance|limit|income|salary|score|tip"
    r"|due|outstanding|折扣|优惠|税|运费|邮费|退款|利润|成本|手续费|佣金|红包|积分|返点|服务费",
    "discount": r"amount|amt|value|total|code|coupon|name|type|id$|date|reason|金额|额|券|码|原因|类型|名称",
    "unit_price": r"compare|original|competitor|discount|ship|cost(?!price)|total|成本|原价|优惠|运费",
    "quantity": r"stock|inventory|available|return|refund|cancel|backorder|review|comment"
    r"|库存|退货|退款|评论|种类",
    "product_id": r"parent|count|price|number of|type|category|related|duration|种类",
    "product_name": r"count|price|category|type|id$|number of|cost|数量|类|种类|金额|单价",
    "customer_id": r"count|since|rating|satisf|type|segment|age|gender|country|city|state|phone|status"
    r"|留言|备注|应付|实际|类型|性别|等级|地址|服务|金额|支付",
    "order_id": r"item|line|status|date|amount|total|count|source|type|quantity|time|state|priority"
    r"|状态|时间|日期|金额|总额|类型|备注|来源|数量|渠道",
    "text": r"id$|date|time|count|title|name|length|score|rating|时间|日期|标题|数|等级|星级|人$",
    "rating": r"count|number|exchange|时间|人数|数$",
    "country": r"id$|manager|population",
    "target": r"date|id$|time|rate",
    "time": r"id$",
}
"""Words in a heading that speak against a column, unless the heading is exactly a known one."""

AS_WRITTEN = {"item-price": "amount"}
"""Headings that mean something else when they are written exactly so: in the order reports of Amazon, the price of all
pieces of the line."""

_SIMPLIFIED = str.maketrans(
    "訂單編號戶產稱數價總額時間類別買賣會員貨銷門評論內標題級狀態國幣種發運費稅購項結帳顧聯絡電話郵區縣備註實際應選擇條碼倉庫計圖寶貝優惠積點長創變後",
    "订单编号户产称数价总额时间类别买卖会员货销门评论内标题级状态国币种发运费税购项结账顾联络电话邮区县备注实际应选择条码仓库计图宝贝优惠积点长创变后",
)
"""Traditional signs of headings, and the simplified ones that the names are written in."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def plain(heading: str) -> str:
    """The letters, digits and simplified Chinese signs of a heading, in lower case: "Invoice_No." -> "invoiceno"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold()).translate(_SIMPLIFIED)


def snake(heading: str) -> str:
    """A heading as a column name: "Annual Income (k$)" -> "annual_income_k"; Chinese stays."""
    text = unicodedata.normalize("NFKC", heading)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_") or "column"


@cache
def likeness(heading: str, canonical: str) -> float:
    """How surely a heading means a canonical column, by its words alone: 0 to 1."""
    if heading in AS_WRITTEN:
        return float(AS_WRITTEN[heading] == canonical)
    known = _synonyms()[canonical]
    name, bare = plain(heading), plain(re.sub(r"[(（\[【].*?[)）\]】]", "", heading))
    if name in known or bare in known:
        return known[name] if name in known else 0.97 * known[bare]
    against = WORDS_AGAINST.get(canonical)
    if not bare or (against and re.search(against, name)):
        return 0.0
    words = (word for word in _long_names()[canonical] if word in bare)
    return max((0.65 * known[word] * _overlap(bare, word) for word in words), default=0.0)


@cache
def is_known(heading: str) -> bool:
    """Whether any canonical column is called exactly so."""
    return bool(plain(heading)) and any(plain(heading) in known for known in _synonyms().values())


def _overlap(name: str, word: str) -> float:
    """Near 1 when a heading ends with a known name, less when it begins with it, 0 when it is inside."""
    share = 0.6 + 0.4 * len(word) / len(name)
    return share if name.endswith(word) else 0.85 * share if name.startswith(word) else 0.0


@cache
def _synonyms() -> dict[str, dict[str, float]]:
    """Canonical column -> plain name -> weight, falling from 1 for the first to .8, and lower for weak ones."""
    known: dict[str, dict[str, float]] = {}
    for title, body in re.findall(r"^\[(.+?)\]\n(.+?)(?=\n\n|\Z)", NAMES.read_text("utf-8"), re.M | re.S):
        canonical, _, weakly = title.partition(" ")
        names = re.split(r",\s+|\n", body.strip())
        known[canonical] = _weights(names, WEAKLY if weakly else 0.0) | known.get(canonical, {})
    return known


@cache
def _long_names() -> dict[str, tuple[str, ...]]:
    """The names that say something inside a longer heading: four letters or two Chinese characters."""
    return {
        canonical: tuple(name for name in known if len(name) >= (2 if _CHINESE.search(name) else 4))
        for canonical, known in _synonyms().items()
    }


def _weights(names: list[str], less: float) -> dict[str, float]:
    weights: dict[str, float] = {}
    for chinese in (False, True):
        of_language = [name for name in names if bool(_CHINESE.search(name)) == chinese]
        for place, name in enumerate(of_language):
            weights.setdefault(plain(name), 1.0 - less - 0.2 * place / len(names))
    return weights
