"""What a query may do: read, and nothing else."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.data.databases.queries import checked, limited, whole
from crm_ai.errors import BadParameter

ALLOWED = [
    "SELECT * FROM orders",
    "select id, amount from orders where amount > 10 order by amount desc limit 5",
    "SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id",
    "WITH big AS (SELECT * FROM orders WHERE amount > 5) SELECT count(*) AS n FROM big",
    "SELECT id FROM orders UNION ALL SELECT id FROM customers",
    "(SELECT id FROM orders) EXCEPT (SELECT id FROM customers)",
    "SELECT customer_id, sum(amount) FROM orders GROUP BY customer_id HAVING sum(amount) > 1",
    "SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY id) AS n FROM orders",
    "SELECT CASE WHEN amount > 3 THEN 'large' ELSE 'small' END AS size FROM orders",
    "SELECT coalesce(name, 'nobody'), upper(name), length(name) FROM customers",
    "SELECT * FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE name LIKE 'a%')",
    "SELECT 'DROP TABLE orders; --' AS joke, \"name\" FROM customers",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
    "SELECT * FROM orders -- a remark\n;",
    "SELECT /* a remark */ cast(amount AS integer) AS whole FROM orders",
    'SELECT DISTINCT name AS "客户 名称" FROM customers',
    "SELECT min(date '2024-01-01') AS day, count(*) FILTER (WHERE amount > 1) AS n FROM orders",
    "SELECT g FROM generate_series(1, 3) AS t(g)",
]
FORBIDDEN = {
    "postgres": [
        "", " ; ", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders", "INSERT INTO orders VALUES (1)",
        "UPDATE orders SET amount = 0", "DELETE FROM orders", "DROP TABLE orders", "TRUNCATE orders",
        "CREATE TABLE x AS SELECT * FROM orders", "ALTER TABLE orders ADD x int", "GRANT ALL ON orders TO public",
        "MERGE INTO orders USING customers ON true WHEN MATCHED THEN DELETE", "COPY orders TO '/tmp/x'",
        "COPY orders FROM PROGRAM 'id'", "SELECT * INTO copy FROM orders", "SELECT * FROM orders FOR UPDATE",
        "SELECT * FROM orders FOR SHARE", "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
        "WITH x AS (INSERT INTO orders VALUES (1) RETURNING id) SELECT * FROM x",
        "WITH x AS (UPDATE orders SET amount = 1 RETURNING id) SELECT 1", "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_catalog.pg_read_file('/etc/passwd')", "SELECT PG_READ_BINARY_FILE('/etc/passwd')",
        "SELECT \"pg_ls_dir\"('/')", "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/x')",
        "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)", "SELECT dblink_exec('x', 'DROP TABLE orders')",
        "SELECT pg_sleep(100)", "SELECT pg_terminate_backend(1)", "SELECT pg_reload_conf()",
        "SELECT set_config('transaction_read_only', 'off', false)", "SELECT nextval('s')", "SELECT setval('s', 1)",
        "SELECT query_to_xml('DELETE FROM orders', true, true, '')", "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_catalog.pg_authid", "SELECT pg_advisory_lock(1)", "VACUUM orders", "CALL wipe()",
        "DO $$ BEGIN DELETE FROM orders; END $$", "EXPLAIN ANALYZE DELETE FROM orders", "SET ROLE postgres", "BEGIN",
        "LISTEN x", "PREPARE p AS SELECT 1", "SELECT (SELECT pg_read_file('x')) FROM orders",
        "SELECT * FROM orders WHERE amount = (SELECT lo_unlink(1))", "SELECT FROM WHERE", "hello",
        "SELECT * FROM (SELECT 1 FOR UPDATE) x", "SELECT database_to_xml(true, true, '')",
        "SELECT * FROM pg_stat_file('x')", "SELECT * FROM some_function('x')",
    ],
    "duckdb": [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_parquet('x')", "SELECT * FROM '/tmp/x.parquet'",
        "SELECT * FROM 'x.csv'", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/*')",
        "SELECT * FROM sqlite_scan('x', 'y')", "SELECT * FROM query('DROP TABLE orders')", "ATTACH 'x.db'",
        "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "COPY orders TO 'x.csv'", "EXPORT DATABASE 'x'",
        "SELECT getenv('HOME')", "SELECT * FROM duckdb_secrets()", "SELECT * FROM \"https://x.org/a.parquet\"",
        "FROM read_csv('/etc/passwd')", "SET memory_limit = '1TB'", "SELECT * FROM read_json_auto('x')",
        "SELECT * FROM postgres_scan('x', 'y', 'z')", "SUMMARIZE orders",
    ],
    "sqlite": [
        "SELECT load_extension('x')", "SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')",
        "ATTACH DATABASE 'x' AS y", "PRAGMA writable_schema = 1", "REPLACE INTO orders VALUES (1)", "VACUUM INTO 'x'",
        "SELECT * FROM pragma_database_list()", "SELECT edit('x')",
    ],
    "mysql": [
        "SELECT * FROM orders INTO OUTFILE '/tmp/x'", "SELECT load_file('/etc/passwd')", "SELECT sleep(10)",
        "SELECT benchmark(1000000, md5('x'))", "SELECT * FROM mysql.user", "LOAD DATA INFILE 'x' INTO TABLE orders",
        "SELECT sys_exec('id')", "SELECT get_lock('x', 1)", "SELECT * FROM orders LOCK IN SHARE MODE", "HANDLER x OPEN",
        "SELECT 1 INTO @x", "SELECT * FROM orders INTO DUMPFILE '/tmp/x'",
    ],
    "clickhouse": [
        "SELECT * FROM url('http://x')", "SELECT * FROM file('x')", "SELECT * FROM s3('x')",
        "SELECT * FROM remote('x', a.b)", "SELECT * FROM mysql('x')", "SELECT 1 SETTINGS readonly = 0",
        "SELECT * FROM system.users", "SELECT * FROM executable('x')", "SELECT 1 INTO OUTFILE 'x'",
    ],
    "snowflake": [
        "SELECT system$abort_session(1)", "EXECUTE IMMEDIATE 'x'", "CALL x()", "PUT file://x @y", "GET @x file://y",
        "SELECT * FROM TABLE(x())", "USE ROLE accountadmin",
    ],
}  # fmt: skip


@pytest.mark.parametrize("query", ALLOWED)
def test_a_query_that_reads_is_allowed_and_means_the_same(query):
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE customers AS SELECT 1 AS id, 'anna' AS name UNION ALL SELECT 2, NULL")
        engine.execute(
            "CREATE TABLE orders AS SELECT range AS id, 1 + range % 2 AS customer_id, range AS amount FROM range(9)"
        )
        asked = engine.execute(query).fetchall()
        assert sorted(map(str, engine.execute(checked(query, "duckdb")).fetchall())) == sorted(map(str, asked))
        assert len(engine.execute(limited(query, "duckdb", 2)).fetchall()) == min(2, len(asked))


@pytest.mark.parametrize("dialect", FORBIDDEN)
@pytest.mark.parametrize("query", ALLOWED[:12])
def test_a_plain_query_is_allowed_everywhere(query, dialect):
    assert checked(query, dialect).upper().lstrip("( ").startswith(("SELECT", "WITH"))


@pytest.mark.parametrize(
    ("dialect", "query"), [(dialect, query) for dialect, queries in FORBIDDEN.items() for query in queries]
)
def test_a_query_that_would_do_more_is_refused(dialect, query):
    with pytest.raises(BadParameter) as caught:
        checked(query, dialect)
    assert "\n" not in str(caught.value)


def test_what_a_remark_hides_does_not_run():
    assert checked("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "mysql") == "SELECT 1"
    assert "DROP" not in checked("SELECT 1 -- ; DROP TABLE x", "postgres")


def test_a_very_long_or_deep_query_is_refused():
    for query in ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "SELECT " + "1 + " * 10_000 + "1"):
        with pytest.raises(BadParameter):
            checked(query, "postgres")


@given(st.text(max_size=30), st.text(max_size=10))
def test_the_name_of_a_table_stays_a_name(table, schema):
    table, schema = table.replace("\0", "") or "t", schema.replace("\0", "") or "s"
    with duckdb.connect() as engine:
        quote = ['"' + name.replace('"', '""') + '"' for name in (schema, table)]
        engine.execute(f"CREATE SCHEMA IF NOT EXISTS {quote[0]}")
        engine.execute(f"CREATE TABLE {quote[0]}.{quote[1]} AS SELECT 42 AS a")
        assert engine.execute(whole(table, schema, "duckdb")).fetchall() == [(42,)]
