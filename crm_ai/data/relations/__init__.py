"""Related tables: which rows of one find their row in another, and one wide table made of them.

    tables = read_source(Path("northwind.db"), folder)
    joins = suggest(tables)             # Order Details -> Orders -> Customers, Order Details -> Products ...
    sources = joined(tables, joins, folder)

A join is many-to-one: each row of the detailed table finds one row of a look-up table, so the rows stay as many as they
were.
"""

from crm_ai.data.relations.joining import joined
from crm_ai.data.relations.joins import Join, names, tried
from crm_ai.data.relations.suggesting import suggest

__all__ = ["Join", "joined", "names", "suggest", "tried"]
