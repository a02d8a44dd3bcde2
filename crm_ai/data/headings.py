"""The words people put above columns, in English and Chinese: heading -> canonical column."""

import re
import unicodedata
from functools import cache

SYNONYMS: dict[str, str] = {
    "customer_id": """customer id, cust id, customer no, customer number, customer code, client id, client no, user id, member id,
        member no, member number, buyer id, shopper id, account id, account number, contact id, subscriber id, visitor id, household key,
        household id, customer unique id, master id, card id, card number, loyalty id, customer key, consumer id, guest id,
        patron id, person id, profile id, buyer user id, customer ref, uid, openid, cid,
        客户编号, 客户id, 客户编码, 客户号, 客户代码, 顾客编号, 顾客id, 用户id, 用户编号, 会员编号, 会员id, 会员号, 会员卡号,
        会员代码, 买家id, 客户标识, 卡号, 买家会员名, 买家昵称, 买家账号, 买家帐号, 下单帐号, 下单账号, 用户名, 会员名, 用户标识,
        customer email, email address, buyer email, email, customer, client, buyer, buyer name, account, account name,
        customer name, client name, user, member, user name, billing name, shopper, nameid,
        客户, 顾客, 会员, 买家, 用户, 客户名称, 客户姓名, 会员姓名, 下单人, 收货人, 收货人姓名, 手机号, 手机号码, 收货人手机,
        联系电话, 手机, 邮箱""",
    "order_id": """order id, order number, order no, order code, order ref, invoice no, invoice, invoice id, invoice number,
        transaction id, transaction, transaction no, transaction number, trans id, txn id, receipt id, receipt no,
        receipt number, receipt, basket id, basket, bill no, bill number, bill id, check number, purchase id, sale id,
        sales id, sales order, sales order number, sales document, document number, document no, voucher no, opportunity id,
        deal id, booking id, cart id, order, ord no, so number, ticket no, inv no, lineitem order,
        订单编号, 订单号, 订单id, 订单号码, 订单序号, 主订单编号, 父订单编号, 交易编号, 交易号, 交易流水号, 交易单号, 流水号,
        发票号, 发票编号, 发票号码, 单号, 单据编号, 单据号, 小票号, 小票编号, 销售单号, 业务单号, 购物篮编号, 商户订单号, 支付单号,
        子订单编号, 票号, 账单号, 订单, 交易id, 销售订单号, 出库单号, ticket id, ticket number""",
    "ordered_at": """order date, ordered at, order time, order datetime, order timestamp, order purchase timestamp, order created,
        order created at, invoice date, transaction date, trans date, txn date, transaction time, transaction datetime,
        purchase date, purchased at, purchase time, date of purchase, date purchased, sale date, sales date, date of sale,
        created at, date created, creation date, created date, created, create time, processed at, order placed at,
        order date time, receipt date, bill date, billing date, posting date, document date, booking date, close date,
        closed date, event time, event date, paid at, date paid, payment date, payment time, pay time, date time,
        datetime, date, timestamp, time, day, update time, month, week, visit date, check in,
        下单时间, 下单日期, 订单日期, 订单时间, 订单创建时间, 订单创建日期, 订单提交时间, 订单生成时间, 交易时间, 交易日期,
        交易创建时间, 购买时间, 购买日期, 成交时间, 成交日期, 销售日期, 销售时间, 消费时间, 消费日期, 开票日期, 开单时间, 开单日期,
        发票日期, 单据日期, 业务日期, 拍下时间, 付款时间, 订单付款时间, 支付时间, 付款日期, 支付日期, 创建时间, 创建日期, 日期, 时间,
        采购日期, 入账日期, 结账时间, 月份, 日期时间, 订购日期, 更新时间""",
    "product_id": """product id, product code, stock code, sku, sku id, sku code, item id, item code, item number, item no,
        item sku, article id, article no, article number, article, asin, upc, ean, gtin, barcode, plu, material, material number,
        part number, part no, lineitem sku, variant sku, product key, product no, product number, product sku, prod id,
        style id, clothing id, goods id, isbn, product ref, item key, variation, variant, menu id, track id, stockcode,
        商品编码, 商品编号, 商品id, 商品代码, 商品号, 产品编号, 产品id, 产品编码, 产品代码, 货号, 商品货号, 货品编号, 货品编码,
        物料编码, 物料编号, 物料号, 条码, 条形码, 商品条码, sku编码, sku编号, skuid, 商家编码, 宝贝id, 款号, 规格编码, 存货编码,
        商品sku, 菜品编号, 商品ean""",
    "product_name": """product name, product title, product, item name, item description, item, product description,
        description, lineitem name, item title, goods name, goods, article name, article description, material description,
        sku name, service, menu item, stock description, items, product desc, desc, title, track name, model, prod name,
        plan, treatment name, product item, item purchased, item bought,
        商品名称, 产品名称, 商品标题, 宝贝标题, 宝贝名称, 商品名, 产品名, 品名, 货品名称, 物料名称, 菜品名称, 菜品, 菜名, 商品, 产品,
        商品描述, 商品信息, 标题, 服务项目, 项目名称, 存货名称, 货物名称, 名称, 物品""",
    "category": """category, product category, category name, product category name, product type, item category, item type,
        department, department name, class name, product line, product family, product group, commodity, commodity desc,
        family, product category name english, category code, item group, genre, type, group, class, sub category, subcategory,
        category 1, main category, cat, section, aisle, brand,
        商品类别, 商品分类, 商品类目, 商品品类, 产品类别, 产品分类, 产品类型, 商品类型, 类别, 品类, 分类, 类目, 一级类目, 一级分类,
        大类, 大类名称, 品类名称, 类别名称, 子类别, 中类, 品牌""",
    "quantity": """quantity, qty, units, quantity ordered, order quantity, order qty, item quantity, units sold, quantity sold,
        qty sold, qty ordered, sales quantity, lineitem quantity, number of items, num items, item qty, pieces, pcs,
        number of cds, sale count, total quantity, units ordered, purchase quantity, no of units, product quantity,
        item count, quantity purchased, sold, number of units, volume, count, sales volume, items sold,
        数量, 购买数量, 销售数量, 商品数量, 产品数量, 购买件数, 件数, 订购数量, 下单数量, 成交数量, 销量, 宝贝总数量, 宝贝数量,
        商品件数, 售出数量, 出库数量, 商品总数量, 采购数量, 订货数量, 销售件数, 份数, 订单数量""",
    "unit_price": """unit price, price, price each, item price, selling price, sale price, price per unit, lineitem price,
        product price, retail price, unit selling price, list price, net price, item cost, unit cost price, rate, avg price,
        price unit, sales price, base price, price per item,
        单价, 商品单价, 销售单价, 成交单价, 商品价格, 产品单价, 产品价格, 售价, 价格, 零售价, 销售价格, 销售价, 标价, 宝贝单价, 含税单价,
        实际单价, 商品售价""",
    "amount": """amount, total amount, sales amount, line total, line amount, sales, total sales, revenue, total revenue,
        net sales, gross sales, order total, order amount, order value, total, total price, grand total, sales value,
        tran amount, trans amount, transaction amount, transaction value, txn amount, purchase amount, purchase value,
        dollar value, extended price, item total, net amount, gross amount, total value, invoice amount, invoice total,
        subtotal, sub total, payment value, payment amount, paid amount, amount paid, total paid, total spent, amount spent,
        spend, spent, net total, net revenue, gmv, close value, turnover, deal value, opportunity amount, sale amount,
        sale value, total cost, value, monetary value, bill amount, total bill, sale dollars, cost of purchase, totalprice,
        item subtotal, line item total, order item total,
        销售额, 销售金额, 总金额, 订单总额, 订单总金额, 订单金额, 金额, 成交金额, 交易金额, 消费金额, 购买金额, 销售总额, 总价, 商品总价,
        商品金额, 总额, 合计金额, 合计, 小计, 实付金额, 实付款, 实际支付金额, 买家实际支付金额, 买家应付货款, 支付金额, 付款金额, 应付金额,
        实收金额, 实收, 营业额, 收入, 销售收入, 价税合计, 应收金额, 总支付金额, 订单价格, 消费总额, 成交额, 订单实付金额, 含税金额""",
    "currency": "currency, currency code, currency name, order currency, 币种, 货币, 币别, 货币代码",
    "country": """country, country name, customer country, shipping country, billing country, ship country, country code,
        ship to country, nation, country region, bill to country, market country,
        国家, 国家地区, 国别, 收货国家, 客户国家,
        region, state, province, state province, customer state, shipping province, billing state, area, location, territory,
        region name, city, shipping city, customer city, store location, market,
        省份, 省, 省自治区, 地区, 区域, 收货省份, 收货地址, 收货人省份, 所在地区, 大区, 城市, 所在省份, 客户地区, 收货城市, 销售区域""",
    "channel": """channel, sales channel, order channel, channel name, source, order source, source name, platform,
        sales platform, marketplace, order platform, store, store name, shop, shop name, store id, branch, outlet,
        store code, branch name, point of sale, shop id, purchase channel, order type, store number, store no,
        渠道, 销售渠道, 订单渠道, 购买渠道, 订单来源, 来源, 平台, 销售平台, 渠道名称, 来源渠道, 店铺, 店铺名称, 店名, 门店, 门店名称, 店铺名,
        门店编号, 交易渠道, 下单平台, 评论来源""",
    "cancelled": """cancelled, canceled, is cancelled, is canceled, cancelled at, canceled at, cancelled flag, order status,
        order state, financial status, status, returned, is returned, return, returns, refunded, is refunded, return flag,
        return status, transaction status, sales status, deal stage, stage, stage name, order item status, is return,
        是否取消, 取消, 订单状态, 交易状态, 是否退款, 是否退货, 退货状态, 退款状态, 退货, 退回, 是否退回, 取消标志, 状态, 订单当前状态,
        售后状态, 是否作废""",
    "target": """churn, churned, is churn, is churned, churn flag, churn label, churn value, attrition, attrition flag, exited,
        left, target, label, y, response, responded, is response, converted, conversion, visit, outcome, purchased, bought,
        has purchased, subscribed, deposit, default, defaulted, renewed, retained, will buy, loan status, revenue, class,
        accepted, clicked, click, is active, reordered, customer status, made purchase, took product, is default,
        流失, 是否流失, 流失标志, 流失标签, 是否响应, 响应, 是否购买, 是否转化, 转化, 是否续约, 是否复购, 复购, 是否成交, 是否违约, 目标, 标签,
        目标变量, 是否订阅, 是否续费, 是否离网, 离网""",
    "treatment": """treatment, treatment group, treated, test group, segment, group, variant, arm, ab group, experiment group,
        campaign group, control group, exposure, exposed, is treated, offer, test control, experiment variant, assignment,
        实验组, 实验分组, 分组, 组别, 试验组, 处理组, 是否营销, 对照组, 测试组""",
    "series_id": """unique id, series id, series, series name, item id, store id, store, store nbr, id, product id, sku, item,
        product, symbol, family, region, category, country, city, shop, shop id, name, key, metric, department, dept, channel,
        序列, 序列编号, 序列名称, 门店, 门店编号, 店铺, 商品编码, 商品名称, 产品, 商品, 品类, 类别, 地区, 城市, 指标, 渠道""",
    "time": """ds, date, time, timestamp, month, week, period, day, datetime, date time, year month, week start, week ending,
        week start date, week end date, quarter, order date, sales date, year, step, t, index, hour, variable, observation date, trading date,
        日期, 时间, 月份, 年月, 周, 月, 年份, 统计日期, 销售日期, 数据日期, 统计时间, 季度, 时段""",
    "value": """y, value, sales, turnover, weekly sales, sales amount, revenue, units sold, quantity, demand, amount, volume, units,
        count, total, orders, passengers, visitors, traffic, target, close, price, load, consumption, num sold, sales value,
        item cnt day, unit sales, cnt, x, visits, sessions, users,
        值, 数值, 销售额, 销量, 营业额, 销售量, 金额, 数量, 客流, 客流量, 订单量, 订单数, 访客数, 收入, 需求量, 指标值, 总金额""",
    "feedback_id": """feedback id, review id, comment id, response id, message id, survey id, tweet id, post id, ticket id, case id,
        submission id, record id, id, row id, index, no, unnamed 0, 评论id, 评论编号, 评价id, 评价编号, 反馈编号, 反馈id, 编号, 序号, id号,
        工单编号""",
    "created_at": """review date, created at, date, review time, comment date, comment time, submitted at, submission date,
        review creation date, created, date created, creation date, timestamp, time, posted at, post date, published at,
        response date, tweet created, created date, datetime, feedback date, survey date, updated at, unix review time, date of purchase,
        评论时间, 评价时间, 评论日期, 评价日期, 反馈时间, 发布时间, 发表时间, 创建时间, 提交时间, 留言时间, 日期, 时间, 评论发表时间""",
    "text": """review text, text, review, reviews, review body, review content, review comment message, reviews text, comment,
        comments, comment text, content, body, message, feedback, feedback text, verified reviews, sentence, tweet, verbatim,
        customer feedback, customer review, remarks, remark, response, answer, opinion, summary, note, notes, ticket description,
        issue description, description, complaint, consumer complaint narrative, free text, utterance, query, question, post,
        survey response, open ended response, customer comment, review summary, email body, subject,
        评论内容, 评价内容, 评论, 评价, 反馈内容, 内容, 评语, 留言, 留言内容, 反馈, 文本, 正文, 用户评论, 客户评价, 商品评价, 意见, 建议,
        意见反馈, 句子, 问题描述, 投诉内容, 评论文本, 评价详情, 初评内容, 微博内容""",
    "rating": """rating, star rating, stars, star, score, review score, overall, overall rating, reviews rating, review rating, csat,
        csat score, nps, nps score, satisfaction, satisfaction score, points, rate, customer rating, overall score,
        customer satisfaction rating, ratings, overall satisfaction,
        评分, 星级, 打分, 分数, 评价分, 评论星级, 评价星级, 评价得分, 满意度, 得分, 综合评分, 用户评分, 满意度评分, 评级""",
    "label": """label, sentiment, sentiment label, polarity, recommended ind, recommended, airline sentiment, feedback, class,
        category, target, tag, intent, is positive, would recommend, is recommended, liked, recommend, emotion, reviews do recommend,
        topic, labels, gold label, sentiment class,
        标签, 情感, 情感标签, 情感倾向, 情感极性, 极性, 类别, 分类, 是否推荐, 好评, 情绪, 是否好评, 意图, 评价类型""",
}
"""Canonical column -> what people call it, the clearest names first."""

WORDS_AGAINST: dict[str, str] = {
    "ordered_at": r"ship|deliver|due|expir|birth|regist|update|cancel|refund|return|estimat|approved|signup|join|launch"
    r"|发货|送达|收货时间|签收|到期|生日|出生|注册|更新|确认|退|交货|入会",
    "amount": r"discount|tax|ship|freight|refund|profit|margin|cost|fee|coupon|balance|limit|income|salary|score|tip|due"
    r"|outstanding|折扣|优惠|税|运费|邮费|退款|利润|成本|手续费|佣金|红包|积分|返点|服务费",
    "unit_price": r"compare|original|competitor|discount|ship|cost(?!price)|total|成本|原价|优惠|运费",
    "quantity": r"stock|inventory|available|return|refund|cancel|backorder|review|comment|库存|退货|退款|评论|种类",
    "product_id": r"parent|count|price|number of|type|category|related|duration|种类",
    "product_name": r"count|price|category|type|id$|number of|cost|数量|类|种类|金额|单价",
    "customer_id": r"count|since|rating|satisf|type|segment|age|gender|country|city|state|phone|status|留言|备注|应付|实际|类型|性别|等级|地址|服务|金额|支付",
    "order_id": r"item|line|status|date|amount|total|count|source|type|quantity|time|state|priority|状态|时间|日期|金额|总额|类型|备注|来源|数量|渠道",
    "text": r"id$|date|time|count|title|name|length|score|rating|时间|日期|标题|数|等级|星级|人$",
    "rating": r"count|number|exchange|时间|人数|数$",
    "country": r"id$|manager|population",
    "target": r"date|id$|time|rate",
    "time": r"id$",
}
"""Words in a heading that speak against a column, unless the heading is exactly a known one."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WEAK_FROM = {"customer_id": "customer email", "country": "region", "order_id": "ticket id"}
"""From this synonym on, a column is taken only where nothing clearer is there."""


def plain(heading: str) -> str:
    """The letters, digits and Chinese characters of a heading, in lower case: "Invoice_No." -> "invoiceno"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold())


def snake(heading: str) -> str:
    """A heading as a column name: "Annual Income (k$)" -> "annual_income_k"; Chinese stays."""
    text = unicodedata.normalize("NFKC", heading)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_") or "column"


@cache
def likeness(heading: str, canonical: str) -> float:
    """How surely a heading means a canonical column, by its words alone: 0 to 1."""
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
    return {canonical: _weights(canonical, names) for canonical, names in SYNONYMS.items()}


@cache
def _long_names() -> dict[str, tuple[str, ...]]:
    """The names that say something inside a longer heading: four letters or two Chinese characters."""
    return {
        canonical: tuple(name for name in known if len(name) >= (2 if _CHINESE.search(name) else 4))
        for canonical, known in _synonyms().items()
    }


def _weights(canonical: str, text: str) -> dict[str, float]:
    names = [name.strip() for name in text.split(",")]
    weak = names.index(_WEAK_FROM[canonical]) if canonical in _WEAK_FROM else len(names)
    by_language = {True: 0, False: 0}
    weights: dict[str, float] = {}
    for place, name in enumerate(names):
        chinese = bool(_CHINESE.search(name))
        weight = 1.0 - 0.2 * by_language[chinese] / len(names)
        by_language[chinese] += 1
        weights.setdefault(plain(name), weight - (0.35 if place >= weak else 0))
    return weights
