"""The same from a shell: `python -m crm_ai demo | inspect | run | export | backup | restore | account`.

Exit code 0 on success; 2 with one sentence on standard error for what the user can mend.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from crm_ai import analyses, i18n
from crm_ai.access import shell as people
from crm_ai.analyses import options, results
from crm_ai.data import intake, samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadFile, BadParameter, CrmError
from crm_ai.settings import settings
from crm_ai.store import shell as keeping


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise BadParameter("{message}; see {program} --help.", message=message, program=self.prog)


def parser() -> Parser:
    top = Parser(prog="python -m crm_ai", description="Customer data from the shell.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    demo = commands.add_parser("demo", help="write the generated shop as CSV files")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR")
    inspect = commands.add_parser("inspect", help="what a file holds: columns, roles, quality")
    run = commands.add_parser("run", help="run an analysis on files")
    run.add_argument("analysis", metavar="ANALYSIS", help=", ".join(analyses.ALL))
    run.add_argument("--map", action="append", default=[], metavar="COLUMN=HEADING", help="say what a column is")
    run.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="set a parameter")
    run.add_argument("--engine", default=settings().engine, metavar="URL", help="where the sums are made")
    run.add_argument("--out", type=Path, metavar="DIR", help="write tables, figures and result.json there")
    export = commands.add_parser("export", help="make a report from what run wrote")
    export.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help="a .pdf, .pptx, .xlsx, .html or .zip")
    keeping.add(commands)
    people.add(commands)
    for command in (inspect, run):
        command.add_argument("files", nargs="*", type=Path, metavar="FILE")
        command.add_argument("--join", action="store_true", help="join files that belong together")
        command.add_argument("--database", metavar="NAME", help="read from this connection instead of files")
        command.add_argument("--table", action="append", default=[], metavar="TABLE", help="a table of the database")
        command.add_argument("--query", default="", metavar="SQL", help="a query that reads, instead of tables")
        command.add_argument("--json", action="store_true", help="print JSON")
    for command in (run, export):
        command.add_argument("--language", choices=list(i18n.LANGUAGES), default="en")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code.
    """
    try:
        given = parser().parse_args(arguments)
        COMMANDS[given.command](given)
        return 0
    except CrmError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'The file'}: {(error.strerror or 'cannot be used').lower()}.", file=sys.stderr)
    return 2


def _demo(given: argparse.Namespace) -> None:
    samples.write(given.out)
    print(f"The demo shop is in {given.out}")


def _inspect(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = intake.described(_staged(given, Path(folder)))
    print(json.dumps(found, ensure_ascii=False, indent=1) if given.json else _described(found))


def _staged(given: argparse.Namespace, folder: Path) -> intake.Staged:
    """The files, or the tables of a database, as they were given."""
    if bool(given.files) == bool(given.database):
        raise BadParameter("Name files, or a connection with --database NAME.")
    if not given.database:
        _readable(given.files)
        here = intake.stage(given.files, folder)
        return intake.rejoin(folder, here.offered) if given.join and here.offered else here
    from crm_ai.data import databases

    request = databases.Request(given.database, tuple(given.table), given.query)
    return intake.stage_sources(databases.read(request, folder / intake.RAW), folder, name=given.database)


def _described(found: dict[str, Any]) -> str:
    """What inspect found, for people."""
    lines = []
    for source in found["sources"]:
        reading = ", ".join(str(source[part]) for part in ("kind", "encoding", "delimiter", "sheet") if source[part])
        lines += ["", f"{source['file']}: {source['rows']:,} rows ({reading}), table: {source['table'] or 'none'}"]
        lines += [f"  {h} -> {c['role']} ({c['confidence']:.0%})" for h, c in source["columns"].items() if c["role"]]
        rules = (source["quality"] or {"rules": []})["rules"]
        lines += [f"  {r['count']:,} x {r['label']}{'' if r['on'] else ' (kept)'}" for r in rules if r["count"]]
    return "\n".join(lines[1:])


def _run(given: argparse.Namespace) -> None:
    module = analyses.load(given.analysis)
    params = options.parse(module.Params, _pairs(given.set, "--set"))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        here = _staged(given, Path(folder))
        intake.finish(Path(folder), intake.wished(here, _pairs(given.map, "--map")))
        data = Dataset.open(Path(folder), given.engine)
        read = time.perf_counter()
        result = module.run(data, params)
        done = time.perf_counter()
    t = i18n.translator(given.language)
    head = {
        "analysis": given.analysis,
        "params": options.to_json(params),
        "data": {**_counts(data.manifest), "fingerprint": data.fingerprint, "seconds": round(read - begun, 3)},
        "seconds": round(done - read, 3),
        "findings": module.findings(result, t),
    }
    if given.out:
        _write(module, result, head, given.out, t)
    document = {**head, "metrics": results.metrics(result)}
    print(json.dumps(results.strict(document), ensure_ascii=False, indent=1) if given.json else _summary(document, t))


def _write(module: Any, result: Any, head: dict[str, Any], folder: Path, t: i18n.Translator) -> None:
    from crm_ai import export

    folder.mkdir(parents=True, exist_ok=True)
    figures = module.figures(result, t)
    for name, figure in figures.items():
        (folder / f"{name}.html").write_bytes(export.chart(figure, "html"))
    results.save(result, folder, {**head, "figures": {name: f"{name}.html" for name in figures}})


def _export(given: argparse.Namespace) -> None:
    from crm_ai import export

    sections = [_section(folder) for folder in given.folders]
    t = i18n.translator(given.language)
    title = ", ".join(dict.fromkeys(t(analyses.load(section.analysis).TITLE) for section in sections))
    kind = given.to.suffix.lstrip(".").lower()
    given.to.write_bytes(export.report(sections, kind, title=title, language=given.language))
    print(given.to)


def _section(folder: Path) -> Any:
    from crm_ai.export import Section

    path = folder / "result.json"
    if not path.exists():
        raise BadFile("{folder} holds no result: write one with run --out.", folder=str(folder))
    head = json.loads(path.read_text("utf-8"))
    result = results.load(analyses.load(head["analysis"]).Result, folder)
    return Section(head["analysis"], result, head["params"], head["data"])


def _summary(document: dict[str, Any], t: i18n.Translator) -> str:
    metrics = [f"{i18n.heading(name, t)}: {i18n.number(value)}" for name, value in document["metrics"].items()]
    return "\n".join([*document["findings"], "", *metrics])


def _counts(manifest: Any) -> dict[str, int]:
    tables = manifest["report"].values()
    return {"rows": sum(table["rows"] for table in tables), "rejected": sum(table["rejected"] for table in tables)}


def _pairs(given: Sequence[str], flag: str) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise BadParameter("{flag} takes name=value, not {value}.", flag=flag, value=pair)
    return dict(pair.split("=", 1) for pair in given)


def _readable(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.is_file():
            raise BadFile("There is no file {path}.", path=str(path))


def _say(said: Callable[[argparse.Namespace], str], given: argparse.Namespace) -> None:
    print(said(given))


COMMANDS = {"demo": _demo, "inspect": _inspect, "run": _run, "export": _export}
COMMANDS |= {name: partial(_say, said) for name, said in (keeping.COMMANDS | people.COMMANDS).items()}


if __name__ == "__main__":
    sys.exit(main())
