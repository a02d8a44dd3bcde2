"""Databases: named connections, tables and queries that only read, and secrets that stay where they are."""

import json
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import crm_ai
from crm_ai import __main__ as shell
from crm_ai.data import databases, relations, schema
from crm_ai.data.databases.connections import PREFIX, address
from crm_ai.errors import BadFile, BadParameter, CrmError, MissingExtra, UnknownName
from tests import engines

SECRET = "s3cr3t-w0rd"
LINES = pd.DataFrame(
    {
        "line": range(1, 61),
        "order_id": [1000 + n // 2 for n in range(60)],
        "price": [1.5 + n for n in range(60)],
        "note": [None if n % 3 else f"第{n}行" for n in range(60)],
    }
)


@pytest.fixture(scope="module")
def server():
    with engines.postgres() as url:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA sales")
            connection.execute("CREATE TABLE customers (id int PRIMARY KEY, name text, joined timestamptz)")
            connection.execute("CREATE TABLE sales.orders (order_no int PRIMARY KEY, buyer int REFERENCES customers)")
            connection.execute(
                'CREATE TABLE "Order Lines" (line int, amount numeric(10,2), tags text[], photo bytea, extra json, '
                "at timestamp, day date, ok bool, customer_id int REFERENCES customers)"
            )
            connection.execute(
                "INSERT INTO customers SELECT n, 'Kunde ' || n, '2024-01-01 12:00+02' FROM generate_series(1, 50) n"
            )
            connection.execute(
                "INSERT INTO \"Order Lines\" SELECT n, n * 1.25, ARRAY['a', 'b'], 'x', '{\"a\": [1]}', "
                "'2024-01-02 03:04:05', '2024-01-02', n % 2 = 0, 1 + n % 50 FROM generate_series(1, 1234) n"
            )
            connection.execute("INSERT INTO sales.orders SELECT n, 1 + n % 50 FROM generate_series(1, 200) n")
            connection.execute("CREATE ROLE reader LOGIN PASSWORD 'x'")
            connection.execute("GRANT SELECT ON customers TO reader")
        yield url


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Set a connection for one test, and none else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")

    def set_one(name: str, url: str) -> str:
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", url)
        return name

    return set_one


@pytest.fixture
def lite(named, tmp_path):
    path = tmp_path / "shop file.db"
    with sqlite3.connect(path) as connection:
        LINES.to_sql("order lines", connection, index=False)
        connection.execute('CREATE VIEW dear AS SELECT * FROM "order lines" WHERE price > 30')
    return named("lite", f"sqlite:///{path}")


@pytest.fixture
def duck(named, tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE lines AS SELECT * FROM LINES")
        connection.execute("CREATE VIEW leak AS SELECT 1 AS a")
    return named("duck", f"duckdb:///{path}")


def rows_of(source) -> pd.DataFrame:
    return pd.read_parquet(source.raw)


# ---- connections -------------------------------------------------------------------------------------------------


def test_connections_come_from_the_environment_and_from_the_secrets(named, tmp_path):
    named("shop", "postgres://a:b@c/d")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        '[auth]\ncookie_secret = "x"\n[connections.erp]\nurl = "mysql://u:p@h/d"\n[connections.shop]\nurl = "sqlite:///x"\n'
        "[connections.broken]\nhost = 1\n"
    )
    assert databases.connections() == ("erp", "shop")
    assert address("erp") == "mysql://u:p@h/d"
    assert address("shop") == "postgres://a:b@c/d"  # the environment comes first


def test_broken_secrets_are_as_none(named, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text("this is = not [toml")
    assert databases.connections() == ()
    with pytest.raises(UnknownName, match="no database connection shop"):
        databases.tables("shop")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("oracle://u:{secret}@h/d", BadParameter),
        ("u:{secret}@h/d", BadParameter),
        ("postgres://u:{secret}@127.0.0.1:1/d", BadFile),
        ("sqlite:///missing-{secret}.db", BadParameter),
        ("duckdb:///missing-{secret}.db", BadParameter),
        ("mysql://u:{secret}@127.0.0.1:1/d", CrmError),
        ("snowflake://u:{secret}@acc/db", MissingExtra),
    ],
)
def test_no_error_tells_the_address(url, kind, named, caplog):
    name = named("shop", url.format(secret=SECRET))
    with pytest.raises(kind) as caught:
        databases.tables(name)
    told = caught.value
    assert SECRET not in f"{told} {told.to_json()} {caplog.text}"
    assert told.__cause__ is None
    assert told.__context__ is None


def test_nothing_of_a_source_or_a_request_tells_the_address(server, named, tmp_path):
    url = server.replace("postgres@", f"postgres:{SECRET}@")
    request = databases.Request(named("shop", url), ("customers",))
    (source,) = databases.read(request, tmp_path / "raw")
    assert SECRET not in f"{source} {request.to_json()}"
    assert SECRET.encode() not in source.raw.read_bytes()
    assert databases.Request.from_json(request.to_json()) == request


# ---- PostgreSQL --------------------------------------------------------------------------------------------------


def test_a_server_lists_its_tables(server, named):
    assert databases.tables(named("shop", server)) == ("Order Lines", "customers", "sales.orders")


def test_a_table_of_a_server_becomes_a_source(server, named, tmp_path):
    source = databases.read_table(named("shop", server), "Order Lines", tmp_path)
    assert (source.name, source.sheet, source.kind, source.rows) == ("shop", "Order Lines", "database", 1234)
    assert source.columns == ("line", "amount", "tags", "extra", "at", "day", "ok", "customer_id")  # no bytes
    rows = rows_of(source)
    assert rows["_row"].tolist() == list(range(1, 1235))
    assert rows["amount"].sum() == pytest.approx(1.25 * 1234 * 1235 / 2)
    assert rows.iloc[0]["tags"] == '["a", "b"]'
    assert str(rows.iloc[0]["at"]) == "2024-01-02 03:04:05"
    times = rows_of(databases.read_table("shop", "customers", tmp_path))["joined"]
    assert str(times[0]) == "2024-01-01 10:00:00"


def test_tables_of_a_server_are_joined_by_their_foreign_keys(server, named, tmp_path):
    request = databases.Request(named("shop", server), ("Order Lines", "customers", "sales.orders"))
    sources = databases.read(request, tmp_path)
    joins = relations.suggest(sources)
    assert {(join.left, join.right, join.confidence) for join in joins} >= {("Order Lines", "customers", 1.0)}


def test_a_query_becomes_a_source_and_its_content_its_fingerprint(server, named, tmp_path):
    query = 'SELECT customer_id, sum(amount) AS total FROM "Order Lines" GROUP BY 1 ORDER BY 1'
    source = databases.read_query(named("shop", server), query, tmp_path)
    assert (source.sheet, source.rows, source.columns) == (databases.QUERY, 50, ("customer_id", "total"))
    assert databases.read_query("shop", query, tmp_path) == source
    assert databases.read_query("shop", query.replace("sum", "max"), tmp_path).sha256 != source.sha256


def test_a_preview_is_short_and_text(server, named):
    name = named("shop", server)
    assert databases.preview(name, "customers").shape == (20, 3)
    assert "photo" not in databases.preview(name, "Order Lines")
    assert databases.preview(name, query="SELECT 1 AS one")["one"].tolist() == ["1"]


def test_a_session_can_only_read_even_if_a_function_writes(server, named, tmp_path):
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION innocent() RETURNS int LANGUAGE sql AS "
            "$$ INSERT INTO customers VALUES (99, 'x', now()) RETURNING id $$"
        )
    with pytest.raises(CrmError):
        databases.read_query(named("shop", server), "SELECT innocent()", tmp_path)
    assert databases.read_query("shop", "SELECT * FROM customers", tmp_path).rows == 50


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * FROM nowhere", "does not know"),
        ("SELECT nothing FROM customers", "does not know"),
        ("SELECT name FROM customers GROUP BY 1 HAVING sum(name) > 1", "does not know|does not understand"),
        ("SELECT * FROM customers WHERE false", "no rows"),
    ],
)
def test_what_a_server_refuses_is_one_sentence(query, sentence, server, named, tmp_path):
    with pytest.raises(CrmError, match=sentence) as caught:
        databases.read_query(named("shop", server), query, tmp_path)
    assert "127.0.0.1" not in str(caught.value)
    assert not list(tmp_path.glob("reading_*"))


def test_a_role_that_may_not_read_is_told_so(server, named, tmp_path):
    name = named("shop", server.replace("postgres@", "reader@"))
    assert databases.tables(name) == ("customers",)
    assert databases.read_table(name, "customers", tmp_path).rows == 50
    with pytest.raises(BadFile, match="may not read"):
        databases.read_query(name, 'SELECT * FROM "Order Lines"', tmp_path)


def test_a_query_that_takes_too_long_is_ended(server, named, tmp_path, monkeypatch):
    from crm_ai.data.databases import opening

    monkeypatch.setattr(opening, "SECONDS", 0.2)
    slow = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"
    with pytest.raises(BadFile, match="took too long"):
        databases.read_query(named("shop", server), slow, tmp_path)


def test_more_rows_than_allowed_are_refused(server, named, tmp_path):
    with pytest.raises(BadFile, match="more than 1,000 rows"):
        databases.read_table(named("shop", server), "Order Lines", tmp_path, most=1000)
    assert list(tmp_path.glob("*.parquet")) == []


def test_an_unknown_table_is_refused(server, named, tmp_path):
    with pytest.raises(BadParameter, match="no table nowhere"):
        databases.read_table(named("shop", server), 'nowhere"; DROP TABLE customers; --', tmp_path)


# ---- files of other programs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lite", "duck"])
def test_a_file_database_gives_the_same_rows(kind, request, tmp_path):
    name = request.getfixturevalue(kind)
    table = databases.tables(name)[0]
    rows = rows_of(databases.read_table(name, table, tmp_path / "raw"))
    pd.testing.assert_frame_equal(rows.drop(columns="_row"), LINES, check_dtype=False)


@pytest.mark.parametrize("kind", ["lite", "duck"])
def test_a_view_of_a_file_database_can_be_taken(kind, request):
    name = request.getfixturevalue(kind)
    assert len(databases.preview(name, databases.tables(name)[1])) > 0


def test_a_duckdb_view_reaches_no_other_file(named, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute(f"CREATE VIEW leak AS SELECT * FROM read_csv('{tmp_path}/secret.csv')")
    with pytest.raises(CrmError):
        databases.preview(named("duck", f"duckdb:///{tmp_path}/x.duckdb"), "leak")


def test_a_slow_query_of_sqlite_is_ended(lite, tmp_path, monkeypatch):
    from crm_ai.data.databases import opening

    monkeypatch.setattr(opening, "SECONDS", 0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    with pytest.raises(BadFile, match="took too long"):
        databases.read_query(lite, endless, tmp_path)


def test_a_database_is_analysed_like_a_file(lite, tmp_path):
    guess = schema.guess(databases.read_table(lite, "order lines", tmp_path))
    assert guess.columns["order_id"].heading == "order_id"


@pytest.fixture
def shop(named, tmp_path):
    """A small shop as a database: lines, orders, customers."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, city TEXT)")
        connection.execute("CREATE TABLE orders (id, customer_id REFERENCES customers(id), order_date)")
        connection.execute("CREATE TABLE order_lines (order_id REFERENCES orders(id), product, quantity, unit_price)")
        connection.executemany("INSERT INTO customers VALUES (?, ?)", [(n, f"City {n % 3}") for n in range(1, 31)])
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)", [(n, 1 + n % 30, f"2024-{1 + n % 9:02}-11") for n in range(200)]
        )
        connection.executemany(
            "INSERT INTO order_lines VALUES (?, ?, ?, ?)",
            [(n // 2, f"Tea {n % 9}", 1 + n % 2, 4.0) for n in range(400)],
        )
    return named("shop", f"sqlite:///{path}")


def test_a_notebook_reads_tables_and_queries(shop):
    data = crm_ai.read_database(shop, table=["order_lines", "orders", "customers"])
    assert data.name == "shop"
    assert crm_ai.run("overview", data).revenue == pytest.approx(400 * 1.5 * 4)
    query = "SELECT o.id AS order_id, customer_id, order_date, 5 AS amount FROM orders o"
    assert crm_ai.run("overview", crm_ai.read_database(shop, query=query)).revenue == 1000


def test_a_shell_reads_tables_and_queries(shop, capsys):
    tables = ["--table", "order_lines", "--table", "orders"]
    assert shell.main(["inspect", "--database", shop, *tables, "--json"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert (source["file"], source["kind"], source["rows"]) == ("order_lines + orders", "joined", 400)
    assert shell.main(["run", "overview", "--database", shop, *tables, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["revenue"] == pytest.approx(2400)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--database"),
        (["x.csv", "--database", "shop"], "--database"),
        (["--database", "nix", "--table", "a"], "nix"),
        (["--database", "shop"], "order_lines"),
        (["--database", "shop", "--table", "nowhere"], "nowhere"),
        (["--database", "shop", "--query", "DELETE FROM orders"], "SELECT"),
        (["--database", "shop", "--query", "SELECT blank FROM orders"], "does not know"),
    ],
)
def test_what_is_wrong_in_the_shell_is_one_sentence(arguments, word, shop, capsys):
    assert shell.main(["inspect", *arguments]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert said.count("\n") == 1
