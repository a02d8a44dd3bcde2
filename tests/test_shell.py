"""`python -m crm_ai`: what it writes, and how it refuses."""

import json

import pandas as pd
import pytest

from crm_ai import __main__ as shell
from crm_ai import analyses
from crm_ai.analyses import options

HEAD = "order_id,customer_id,order_date,product,quantity,unit_price\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The demo shop as files, a part of it."""
    folder = tmp_path_factory.mktemp("shop")
    assert shell.main(["demo", "--out", str(folder)]) == 0
    for path in folder.glob("*.csv"):
        pd.read_csv(path, dtype=str).head(4000 if "trans" in path.name else 300).to_csv(path, index=False)
    return folder


def files(shop) -> list[str]:
    return sorted(map(str, shop.glob("*.csv")))


@pytest.fixture(scope="module")
def written(shop, tmp_path_factory):
    """What run --out writes for the overview."""
    out = tmp_path_factory.mktemp("out")
    assert shell.main(["run", "overview", *files(shop), "--set", "top=7", "--out", str(out)]) == 0
    return out


def test_inspect_says_what_each_column_is(shop, capsys):
    assert shell.main(["inspect", str(shop / "transactions.csv"), "--json"]) == 0
    source = json.loads(capsys.readouterr().out)["sources"][0]
    assert source["table"] == "transactions"
    assert {"customer_id", "order_id", "ordered_at", "amount"} <= {c["role"] for c in source["columns"].values()}
    assert shell.main(["inspect", str(shop / "transactions.csv")]) == 0
    assert "transactions" in capsys.readouterr().out


@pytest.mark.parametrize("name", analyses.ALL)
def test_every_analysis_runs_from_files(name, shop, capsys):
    assert shell.main(["run", name, *files(shop), "--json"]) == 0
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert list(document) == ["analysis", "params", "data", "seconds", "findings", "metrics"]
    assert document["params"] == options.to_json(analyses.load(name).Params())
    assert document["findings"]
    assert document["data"].keys() == {"rows", "rejected", "fingerprint", "seconds"}


def test_run_writes_every_table_and_figure_it_names(written):
    document = json.loads((written / "result.json").read_text("utf-8"))
    assert document["params"]["top"] == 7
    assert len(pd.read_parquet(written / document["tables"]["top_products"])) == 7
    for file in [*document["tables"].values(), *document["figures"].values()]:
        assert (written / file).stat().st_size > 0


@pytest.mark.parametrize("kind", ["pdf", "pptx", "xlsx", "html"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_export_makes_a_report_of_it(kind, language, written, tmp_path):
    path = tmp_path / f"report.{kind}"
    assert shell.main(["export", str(written), "--to", str(path), "--language", language]) == 0
    assert path.stat().st_size > 5_000


def test_findings_are_printed_in_chinese_when_asked(shop, capsys):
    assert shell.main(["run", "overview", *files(shop), "--language", "zh"]) == 0
    assert "收入" in capsys.readouterr().out


BAD = {
    "empty": b"",
    "header only": HEAD.encode(),
    "binary": bytes(range(256)) * 40,
    "truncated workbook": b"PK\x03\x04" + b"\x14\x00" * 200,
    "all dates invalid": (HEAD + "1,a,yesterday,tea,1,2\n2,b,tomorrow,tea,1,2\n3,c,never,tea,1,2\n").encode(),
    "two rows": (HEAD + "1,a,2024-01-01,tea,1,2\n2,b,2024-01-02,tea,1,2\n").encode(),
    "one customer": (HEAD + "".join(f"{i},a,2024-01-{i % 28 + 1:02},tea,1,2\n" for i in range(60))).encode(),
    "a single day": (HEAD + "".join(f"{i},c{i},2024-01-01,tea,1,2\n" for i in range(60))).encode(),
    "5,000 columns": (",".join(f"c{i}" for i in range(5000)) + "\n" + ",".join("1" * 5000) + "\n").encode(),
}


@pytest.mark.parametrize("case", list(BAD))
@pytest.mark.parametrize("command", ["inspect", "segments", "purchases", "forecast", "baskets", "feedback"])
def test_bad_files_get_an_answer_or_one_sentence(case, command, tmp_path, capsys):
    path = tmp_path / "bad.csv"
    path.write_bytes(BAD[case])
    code = shell.main([command, str(path)] if command == "inspect" else ["run", command, str(path)])
    said = capsys.readouterr()
    assert code in (0, 2)
    assert bool(said.err) == (code == 2)
    if code == 2:
        assert said.err.count("\n") == 1
        assert said.err.strip().endswith((".", "?", ":")) or ":" in said.err
        assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nonsense"], "nonsense"),
        (["run", "nonsense", "{file}"], "nonsense"),
        (["run", "overview", "missing.csv"], "missing.csv"),
        (["run", "overview", "{file}", "--set", "top=999"], "top"),
        (["run", "overview", "{file}", "--set", "top"], "--set"),
        (["run", "overview", "{file}", "--map", "amount=no such heading"], "no such heading"),
        (["run", "overview", "{file}", "--engine", "nothing://x"], "nothing"),
        (["export", "{folder}", "--to", "x.pdf"], "no result"),
    ],
)
def test_what_the_user_got_wrong_is_one_sentence_and_exit_2(arguments, word, shop, tmp_path, capsys):
    places = {"file": shop / "transactions.csv", "folder": tmp_path}
    assert shell.main([argument.format(**places) for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert word in said
    assert said.count("\n") == 1
