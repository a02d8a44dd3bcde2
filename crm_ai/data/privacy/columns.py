"""What a whole column holds, judged from its heading and a sample of its values."""

import re
from collections import Counter
from collections.abc import Sequence

from crm_ai.data.headings import likeness, plain
from crm_ai.data.privacy.names import surnames, words
from crm_ai.data.privacy.traces import whole

_PHONE = re.compile(
    r"phone|mobile|^tel|tel$|whatsapp|^cell(no|number)?$|^fax|fax(no|number)?$|手机|电话|联系方式|座机|传真"
)
_PERSON = re.compile(
    r"^(sur|fore|first|last|middle|given|family|maiden|full|real|legal)names?$"
    r"|(contact|member|guest|patient|employee|staff|person|passenger|subscriber|author|reviewer|agent|manager|holder|rep)s?"
    r"(full|first|last)?names?$|(full|first|last)names?$|contact(person)?$|cardholder|^reviewer$|sales(person|rep|agent)"
    r"|姓名|^名字$|联系人|收货人|收件人|寄件人|持卡人|下单人|付款人|投保人|经办人|业务员|销售员|导购|客服|签收人|经理$"
)
_PERSON_OR_FIRM = re.compile(
    r"(customer|client|buyer|user|billing|billto|shipping|shipto|ship|recipient|payer|shopper|owner)s?names?$|recipient$"
    r"|consignee|(客户|顾客|会员|用户|买家|员工|销售)(名称?|名字)$"
)
_CALLED_SO = re.compile(r"nick|username|screenname|昵称|会员名$|用户名$")
_MAYBE_PERSON = re.compile(r"^(names?|customers?|clients?|buyers?|users?|members?|名称|客户|顾客|会员|买家|用户)$")
_NO_PERSON = re.compile(
    r"product|item|goods|company|organi[sz]ation|business|store|shop|brand|categor|file|city|country|state|region|event|campaign"
    r"|course|school|vendor|supplier|team|department|domain|title$|type$|商品|产品|公司|单位|企业|店|品牌|城市|渠道|活动|机构"
    r"|学校|供应商|品名|部门|类型|类别"
)
_ADDRESS = re.compile(r"addr|street|residence|地址|住址|住所|街道|门牌")
_NO_ADDRESS = re.compile(r"mail|ip|mac|web|url|site|邮箱|邮件")
_BIRTH = re.compile(r"birth|^dob$|^bday$|生日|出生")
_NO_BIRTH = re.compile(r"place|city|country|state|weight|order|rate|地$|地点")
_DATE = re.compile(r"(?=(?:.*\d){5})[\d\s/.:TZ+,年月日时分秒A-Za-z-]{6,40}")

_SIGNS = re.compile(r"[路街道巷弄村号栋幢楼室]|单元|小区|花园|大厦")
_FULL_CHINESE = re.compile(r"[省市区县].*[路街道巷弄村镇].*\d|[路街巷弄].*\d+.*[号栋幢弄]")
_STREET = (
    r"street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace|highway|hwy"
)
_FULL_LATIN = re.compile(
    rf"(?i)\d+[a-z]?,?\s.*\b({_STREET})\b|[a-zà-ÿß.-]*(str\.|straße|strasse)\s*\d|\d+,?\s+(rue|avenue|calle|via)\b"
)
_SOME_LATIN = re.compile(r"(?=.*\d)[^\W\d_].*\s|^\d.*[^\W\d_]{2}.*")
_MASKED_NAME = r"[*＊]{1,3}"
_TITLE = "先生|女士|小姐"
_WORD = r"[^\W\d_](?:[\w'’.-]*[\w.])?"
_LATIN = re.compile(rf"{_WORD}(?:,? {_WORD}){{0,3}}")
_CAPITAL = re.compile(r"[^\W\d_a-zà-ÿ][\w'’.-]*(?: [^\W\d_a-zà-ÿ][\w'’.-]*){1,2}")
_ID_NAMES = ("order_id", "product_id", "amount", "quantity", "unit_price", "ordered_at")
_FEW = 10


def kind_of(heading: str, values: Sequence[str]) -> tuple[str, float]:
    """The kind of personal data that a column as a whole is, and in what share of its values it shows; ("", 0) if none.

    Args:
        heading: of the column.
        values: some of it, none empty.
    """
    if not values:
        return "", 0.0
    name = plain(heading)
    for judge in (_coded, _birth, _address, _person):
        kind, share = judge(name, heading, values)
        if kind:
            return kind, share
    return "", 0.0


def _share(values: Sequence[str], fits: "re.Pattern[str]") -> float:
    return sum(bool(fits.fullmatch(value)) for value in values) / len(values)


def _coded(name: str, heading: str, values: Sequence[str]) -> tuple[str, float]:
    """Kinds that the values tell by their form or check digit."""
    loose = bool(_PHONE.search(name))
    kinds = Counter(_loosely(value) if loose else whole(value) for value in values)
    kinds.pop("", None)
    if not kinds:
        return "", 0.0
    kind, share = kinds.most_common(1)[0][0], sum(kinds.values()) / len(values)
    return (
        (kind, share)
        if share >= _least(kind, loose) and (kind != "phone" or loose or _is_free(heading, values))
        else ("", 0.0)
    )


def _least(kind: str, called_so: bool) -> float:
    """The share of values from which it is no chance: one number in ten has a right check digit."""
    return 0.5 if called_so else {"email": 0.5, "id_card": 0.5, "bank_card": 0.7}.get(kind, 0.9)


def _loosely(value: str) -> str:
    """The kind of a value in a column that is called a telephone."""
    digits = re.sub(r"[\s()./+-]|\.0$", "", value)
    return whole(value) or ("phone" if digits.isdecimal() and 7 <= len(digits) <= 15 else "")


def _is_free(heading: str, values: Sequence[str]) -> bool:
    """Numbers that are not those of orders or products, and do not count up."""
    starts = {value[:7] for value in values}
    runs_on = len(values) >= _FEW and len(starts) <= 0.2 * len(set(values))
    return not runs_on and all(likeness(heading, name) < 0.5 for name in _ID_NAMES)


def _birth(name: str, heading: str, values: Sequence[str]) -> tuple[str, float]:
    if not _BIRTH.search(name) or _NO_BIRTH.search(name):
        return "", 0.0
    share = _share(values, _DATE)
    return ("birth_date", share) if share >= 0.5 else ("", 0.0)


def _address(name: str, heading: str, values: Sequence[str]) -> tuple[str, float]:
    called_so = _ADDRESS.search(name) and not _NO_ADDRESS.search(name)
    some = sum(map(_is_some_address, values)) / len(values)
    full = sum(bool(_FULL_CHINESE.search(v) or _FULL_LATIN.match(v)) for v in values if len(v) < 200) / len(values)
    if called_so and some >= 0.4:
        return "address", some
    return ("address", full) if full >= 0.7 and not _NO_PERSON.search(name) else ("", 0.0)


def _is_some_address(value: str) -> bool:
    """More than a province or a city."""
    return (len(value) >= 6 and bool(_SIGNS.search(value))) or bool(_SOME_LATIN.search(value))


def _person(name: str, heading: str, values: Sequence[str]) -> tuple[str, float]:
    """Names of people: what a heading says must be borne out by the values, and the other way round."""
    if _NO_PERSON.search(name) and not re.search("姓名", name):
        return "", 0.0
    if sum(map(_is_company, values)) > 0.2 * len(values):
        return "", 0.0
    if _CALLED_SO.search(name):
        share = sum(bool(re.search(r"[^\W\d_]", value)) for value in values) / len(values)
        return ("name", share) if share >= 0.6 else ("", 0.0)
    share = sum(bool(_chinese().fullmatch(v) or _LATIN.fullmatch(v)) for v in values if len(v) <= 60) / len(values)
    if _PERSON.search(name) or (_PERSON_OR_FIRM.search(name) and _are_people(values)):
        return ("name", share) if share >= 0.6 and not _is_code(values) else ("", 0.0)
    return _unnamed_person(bool(_MAYBE_PERSON.search(name)), values)


def _are_people(values: Sequence[str]) -> bool:
    """Whether names that may be those of firms are those of people."""
    given = sum(map(_has_given_name, values)) / len(values)
    return given >= 0.2 or _share(values, _CAPITAL) >= 0.85 or _share(values, _chinese()) >= 0.6


def _unnamed_person(maybe: bool, values: Sequence[str]) -> tuple[str, float]:
    """Names under a heading that does not promise any."""
    if len(set(values)) < (2 if maybe else _FEW):
        return "", 0.0
    chinese = _share(values, _chinese(common=True))
    latin, given = _share(values, _CAPITAL), sum(map(_has_given_name, values)) / len(values)
    if chinese >= (0.7 if maybe else 0.9):
        return "name", chinese
    if given >= (0.3 if maybe else 0.5) and max(latin, given) >= (0.6 if maybe else 0.95):
        return "name", max(latin, given)
    return "", 0.0


def _chinese(common: bool = False) -> "re.Pattern[str]":
    family = surnames(common)
    longest = 2 if common else 3
    return re.compile(
        rf"(?:{family})(?:[\u4e00-\u9fff]{{1,{longest}}}|{_MASKED_NAME}|{_TITLE})|[\u4e00-\u9fff]{{2,8}}·[\u4e00-\u9fff]{{1,8}}"
    )


def _is_company(value: str) -> bool:
    last = value.lower().replace(",", " ").split()
    return bool(words("company words") & set(last)) or bool(
        re.search(r"公司|集团|商店|超市|酒店|有限|工厂|厂$|店$", value)
    )


def _has_given_name(value: str) -> bool:
    parts = value.lower().replace(",", " ").split()
    return 1 <= len(parts) <= 5 and bool(words("given names") & set(parts))


def _is_code(values: Sequence[str]) -> bool:
    """A few short codes or words that come again and again, such as yes and no."""
    return len(set(values)) <= 2 and len(values) >= _FEW
