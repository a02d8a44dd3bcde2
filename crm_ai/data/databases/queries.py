"""A query that people write may only read: it is parsed, judged, and written anew; what runs is what was judged."""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from crm_ai.errors import BadParameter

LONGEST = 20_000
_WRITES = (
    exp.DDL, exp.DML, exp.Command, exp.Into, exp.Lock, exp.Set, exp.Use, exp.Pragma, exp.Copy, exp.Attach, exp.Detach,
    exp.Transaction, exp.Commit, exp.Rollback, exp.Drop, exp.Alter, exp.TruncateTable, exp.Grant, exp.Merge, exp.Kill,
)  # fmt: skip
_CLAUSES = {"into": "INTO", "locks": "FOR UPDATE", "settings": "SETTINGS", "format": "FORMAT"}
_TABLE_FUNCTIONS = re.compile(
    r"(exploding)?generate_?series|unnest|explode|flatten|jsonb?_(each|each_text|tree|table|array_elements)|range|numbers"
    r"|(regexp_split|string)_to_table"
)
_DENIED = re.compile(
    r"^(pg_(?!typeof|column_size)|lo_|dblink|xp_|sp_|sys_|sqlite_|duckdb_|read_|scan_|system|http|dict|pragma_)"
    r"|(_scan|_to_xml|_to_xmlschema|_to_xml_and_xmlschema)$"
    r"|^(set_config|setval|nextval|load_extension|readfile|writefile|edit|load_file|sleep|benchmark|getenv|glob|query"
    r"|query_table|which_secret|url|file|s3|hdfs|remote|remotesecure|mysql|postgresql|jdbc|odbc|sqlite|executable|input"
    r"|cluster|clusterallreplicas|mongodb|redis|gcs|iceberg|hudi|deltalake|txid_current|notify|fts3_tokenizer)$"
)
_DENIED_WORDS = re.compile(
    r"(^|_)(files?|exec|execute|eval|shell|command|extension|copy|http|curl|sleep|lock|unlock|kill|terminate|export"
    r"|import|write|outfile|dumpfile|secrets?|password|attach|install)(_|$)"
)
_SYSTEM = frozenset(("pg_catalog", "mysql", "sys", "performance_schema", "system", "pg_toast"))
_FILE = re.compile(r"[/\\]|://|\.(csv|tsv|parquet|json|jsonl|ndjson|xlsx?|db|sqlite|duckdb|txt|gz|zst|arrow)$", re.I)


def checked(query: str, dialect: str) -> str:
    """The query as it may run.

    Args:
        query: one SELECT, WITH ... SELECT or UNION.
        dialect: of the engine, as sqlglot names it.

    Raises:
        BadParameter: it cannot be understood, is not one statement, or would do more than read.
    """
    return _judged(query, dialect).sql(dialect, comments=False)


def limited(query: str, dialect: str, rows: int) -> str:
    """The first rows of a query that may run."""
    inner = _judged(query, dialect).subquery("q")
    return exp.select("*").from_(inner).limit(rows).sql(dialect, comments=False)


def whole(table: str, schema: str | None, dialect: str) -> str:
    """The query of a whole table."""
    return exp.select("*").from_(exp.table_(table, db=schema, quoted=True)).sql(dialect)


def _judged(query: str, dialect: str) -> exp.Query:
    found = _parsed(query, dialect)
    if len(found) != 1 or not isinstance(found[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise BadParameter("Write one statement that begins with SELECT or WITH.")
    if refused := next(_refused(found[0]), ""):
        raise BadParameter("A query may only read, so {found} is not allowed.", found=refused)
    return found[0]


def _parsed(query: str, dialect: str) -> list[exp.Expr]:
    if not query.strip() or len(query) > LONGEST:
        raise BadParameter("Write one statement that begins with SELECT or WITH.")
    try:
        return [each for each in sqlglot.parse(query, read=dialect) if each is not None]
    except (SqlglotError, RecursionError) as error:
        places = getattr(error, "errors", None) or [{}]
        place = f"{places[0].get('start_context', '')[-30:]}{places[0].get('highlight', '')}".strip()
    raise BadParameter("The query cannot be understood near {place}: check its spelling.", place=place or query[:30])


def _refused(tree: exp.Expr) -> Iterator[str]:
    """What in a query would do more than read."""
    for node in tree.walk():
        if isinstance(node, _WRITES):
            yield node.key.upper()
        if isinstance(node, exp.Query):
            yield from (said for clause, said in _CLAUSES.items() if node.args.get(clause))
        if isinstance(node, exp.Func) and (names := _names(node)):
            yield from (name.upper() for name in names if _is_denied(name))
        if isinstance(node, exp.Table | exp.Lateral | exp.TableFromRows):
            yield from _refused_table(node)


def _names(function: exp.Func) -> list[str]:
    if isinstance(function, exp.Anonymous | exp.AnonymousAggFunc):
        return [function.name.lower()]
    named = getattr(type(function), "_sql_names", None) or [type(function).key]
    return [name.lower() for name in named]


def _is_denied(name: str) -> bool:
    return bool(_DENIED.search(name)) or bool(_DENIED_WORDS.search(name))


def _refused_table(node: exp.Expr) -> Iterator[str]:
    """Functions that stand for tables, unless they only make rows; tables of the system; files."""
    inner = node.this
    if isinstance(inner, exp.Func) and not any(map(_TABLE_FUNCTIONS.fullmatch, _names(inner))):
        yield (_names(inner) or ["?"])[0].upper()
    if isinstance(node, exp.Table):
        name, schema = node.name.lower(), node.db.lower()
        if schema in _SYSTEM or name.startswith("pg_") or _FILE.search(node.name):
            yield f"{node.db}.{node.name}".strip(".")
