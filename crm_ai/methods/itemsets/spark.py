"""Frequent item sets where the baskets lie on a Spark cluster: MLlib's FP-Growth (Li et al. 2008), on all of them."""

from typing import Any

import ibis.expr.types as ir
import numpy as np

from crm_ai.methods.itemsets.baskets import Block
from crm_ai.methods.itemsets.levels import Itemsets

ITEM = "code"


def mined(pairs: ir.Table, least: int, longest: int, most: int, n_baskets: int, n_items: int) -> Itemsets | None:
    """All sets of up to ``longest`` items in at least ``least`` baskets; None where the baskets do not lie in Spark.

    Args:
        pairs: ``code`` (of the item, from 0 on); all other columns together name the basket; every pair once.
        most: sets that may come; of more, one more comes, and they are not whole.
    """
    backend: Any = pairs.get_backend()
    if backend.name != "pyspark":
        return None
    from pyspark.ml.fpm import FPGrowth
    from pyspark.sql import functions as f

    keys = [name for name in pairs.columns if name != ITEM]
    rows = backend._session.sql(backend.compile(pairs))
    baskets = rows.groupBy(*keys).agg(f.collect_list(ITEM).alias("items")).select("items")
    share = (least - 0.5) / n_baskets  # it rounds the count up: half a basket keeps that exact
    sets = FPGrowth(itemsCol="items", minSupport=share, minConfidence=1.0).fit(baskets).freqItemsets
    found = sets.where(f.size("items") <= longest).limit(most + 1).toArrow().to_pandas()
    return Itemsets.of(_blocks(found), n_baskets, n_items)


def _blocks(found: Any) -> list[Block]:
    """Sets of one size together."""
    sizes = found["items"].map(len)
    return [
        (np.array(part["items"].tolist(), dtype=np.int64).reshape(len(part), size), part["freq"].to_numpy(np.int64))
        for size, part in found.groupby(sizes)
    ]
