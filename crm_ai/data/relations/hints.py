"""What headings say about two columns: may one hold the key of the other's table?"""

import re
from functools import cache

from crm_ai.data.headings import likeness, plain, snake

SAME, NAMED, MEANT = "same heading", "named after the table", "headings that mean the same"
"""Why a join was suggested; texts to translate."""

KNOWN_KEYS = ("order_id", "customer_id", "product_id")
EXACT = 0.75
_MEASURES = ("quantity", "unit_price", "amount", "discount", "value", "rating", "ordered_at", "time", "text")
_BARE = r"id|key|code|no|nr|num|number|uid|uuid|guid|index|pk|rowid|编号|编码|代码|号|序号|主键|单号"
_KEY = re.compile(
    r"(?:^|_|(?<=[\u4e00-\u9fff]))(id|key|code|no|nr|num|number|sku|upc|ean|gtin|asin|isbn|uuid|guid|uid|ref|email)$"
    r"|(编号|编码|代码|号|号码|条码|邮箱)$"
)
_SAY_NOTHING = (
    rf"{_BARE}|name|title|description|type|status|label|comments?|notes?|date|time|createdat|updatedat"
    r"|名称|标题|描述|说明|类型|状态|备注|日期|时间|创建时间|更新时间"
)
_GENERAL = (
    r"state|city|country|region|address|phone|fax|email|brand|colou?r|size|url|image|picture|active|flag|gender|age"
    r"|firstname|lastname|fullname|username|company|companyname|contactname|contacttitle|postalcode|zip|zipcode"
    r"|province|district|姓名|城市|省份|地区|国家|地址|电话|性别|年龄|品牌|颜色"
)
_PREFIX = r"^(dim|fact|tbl|tb|t|stg|raw|src|vw|v|olist|shop|crm|erp|ods|dwd)_"
_SUFFIX = (
    r"_?(dataset|table|list|info|master|data|export|details?|records?"
    r"|信息表|信息|列表|清单|资料|档案|主数据|数据|明细|表|(?<=_)\d+|\d{4,})$"
)


@cache
def hint(left: str, right: str, table: str) -> tuple[float, str]:
    """How much headings speak for ``left`` pointing to ``right`` in ``table``, 0 to 1, and why."""
    if is_measure(left) or is_measure(right):
        return 0.0, ""
    one, other = _plain(left), _plain(right)
    if one == other:
        return _same(one, left)
    if (named := _named(_stem(left), one, other, table)) > 0:
        return named, NAMED
    if is_key(right) and not _is_bare(other) and len(other) >= 4 and one.endswith(other):
        return 0.7, NAMED
    return (0.8, MEANT) if role(left) and role(left) == role(right) else (0.0, "")


@cache
def is_key(heading: str) -> bool:
    """Whether a heading is that of an identifier."""
    return bool(_KEY.search(snake(heading))) or role(heading) != ""


@cache
def is_general(heading: str) -> bool:
    """Whether every table may have such a heading: name, city, 备注; or a bare id."""
    return says_nothing(heading) or bool(re.fullmatch(_GENERAL, plain(heading)))


def says_nothing(heading: str) -> bool:
    """Whether a heading needs the name of its table: name, type, 备注; or a bare id."""
    return bool(re.fullmatch(_SAY_NOTHING, plain(heading)))


@cache
def is_measure(heading: str) -> bool:
    """Whether a heading is that of a number, a time or a text, and not that of an identifier."""
    return not is_key(heading) and any(likeness(heading, name) >= EXACT for name in _MEASURES)


@cache
def role(heading: str) -> str:
    """The key that a heading names: of an order, a customer, a product, or ""."""
    said = {name: likeness(heading, name) for name in KNOWN_KEYS}
    best = max(said, key=lambda name: said[name])
    return best if said[best] >= EXACT else ""


def _same(heading: str, written: str) -> tuple[float, str]:
    if is_general(heading):
        return 0.0, ""
    return (0.95 if is_key(written) else 0.7), SAME


_plain = cache(plain)


@cache
def _stem(heading: str) -> str:
    """A heading without the word for a key: "billing_order_id" -> "billingorder"."""
    return plain(_KEY.sub("", snake(heading)))


def _named(stem: str, left: str, right: str, table: str) -> float:
    """``order_id`` or ``billing_order_id`` or ``order`` to the id of the table orders; 客户编号 to 编号 of 客户表."""
    owner = singular(table)
    by_name = right in ("name", "名称")
    if not stem or not owner or not (by_name or _is_bare(right.removeprefix(owner))):
        return 0.0
    if stem == owner:
        return 0.9 if not by_name or left == stem else 0.0
    near = (owner.endswith(stem) or stem.endswith(owner)) and len(stem) >= 2 and stem != left
    return 0.75 if near and not by_name else 0.0


def _is_bare(name: str) -> bool:
    return bool(re.fullmatch(_BARE, name))


@cache
def singular(table: str) -> str:
    """The one thing of which a table is a list: "dim_customers" -> "customer", "客户信息表" -> "客户"."""
    name = re.sub(_PREFIX, "", snake(table))
    while (shorter := re.sub(_SUFFIX, "", name)) and shorter != name:
        name = shorter
    name = plain(name)
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if name.endswith(ending) and len(name) > len(ending) + 1 and not name.endswith("ss"):
            return name.removesuffix(ending) + instead
    return name
