"""K-means where the rows lie on a Spark cluster: MLlib's, on all of them (Bahmani et al. 2012)."""

from typing import Any

import ibis.expr.types as ir
import numpy as np


def kmeans(table: ir.Table, groups: int, seed: int = 0) -> np.ndarray | None:
    """Centres of the groups, shape (groups, columns), float32; None where the table does not lie in Spark.

    Args:
        table: numbers without missing values, on one scale.
        groups: how many.
    """
    backend: Any = table.get_backend()
    if backend.name != "pyspark":
        return None
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import VectorAssembler

    rows = backend._session.sql(backend.compile(table))
    vectors = VectorAssembler(inputCols=list(table.columns), outputCol="features").transform(rows).select("features")
    vectors.persist()
    try:
        model = KMeans(k=groups, seed=seed, maxIter=30).fit(vectors)
    finally:
        vectors.unpersist()
    return np.array(model.clusterCenters(), dtype=np.float32)
