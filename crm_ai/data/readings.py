"""How a column's values are read: a named reading and ``read(column, reading)``, which gives the value or NULL.

| reading | gives |
|---|---|
| ``native`` | the column as it is |
| ``text`` | trimmed text, NULL when empty |
| ``id`` | trimmed text; 17850.0 becomes 17850 |
| ``number`` | 1,234.50 with currency signs, (12) or 12- for negatives, 12 % as 0.12, full-width digits |
| ``number_comma`` | the same for 1.234,50 |
| ``flag`` | true/false, yes/no, 是/否, 1/0 |
| ``status`` | true where an order's status says that it was cancelled |
| ``prefix:C`` | true where the text starts with C |
| ``date:%d/%m/%Y`` | date and time by formats, several parted by ``|`` |
| ``excel_serial``, ``epoch_s``, ``epoch_ms`` | date and time from a number |
| ``step:D`` (W, M, Q, Y, H) | the n-th step of a series without dates, counted from 2000-01-01 |

All of it runs on DuckDB, where files are read.
"""

import ibis.expr.types as ir


def read(column: ir.Value, reading: str) -> ir.Value:
    """The typed value of a raw column, NULL where it cannot be read.

    Raises:
        BadParameter: no reading has that name.
    """
    raise NotImplementedError
