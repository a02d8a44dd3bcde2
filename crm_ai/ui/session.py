"""What a visitor's session knows, and what all sessions share.

A refresh loses session state, so only ids live there and in the address; everything else lies in the workspace.
An address with a dataset is complete; one without (after a click in the menu) is completed from the session. A dataset
is "id", its newest version whatever that is, or "id@2".
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm_ai import analyses, i18n
from crm_ai.access import Desk
from crm_ai.analyses import options
from crm_ai.data import intake
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, CrmError, UnknownName
from crm_ai.jobs import Runner
from crm_ai.recipes import Recipe
from crm_ai.settings import settings
from crm_ai.store import Workspace
from crm_ai.ui import visitors
from crm_ai.web.site import records as records

ROOT = Path(__file__).parents[2]


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    found = Workspace(settings().workspace)
    found.recover()
    return found


def desk() -> Desk:
    """What this visitor may see and do: every page goes through it."""
    return Desk(workspace(), records(), visitors.visitor())


def watching(level: str, kind: str, thing: str) -> Callable[[], None]:
    """Asks later whether the visitor still may, in a part of a page or where a download is made.

    What it gives raises UnknownName or NotAllowed where he may not; in a page that page begins anew instead.
    """
    place, kept, who = workspace(), records(), visitors.lasting()

    def ask() -> None:
        try:
            Desk(place, kept, who()).require(level, kind, thing)
        except CrmError:
            if get_script_run_ctx(suppress_warning=True) is not None:
                st.rerun()
            raise

    return ask


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    return Runner(workspace(), settings().workers, settings().engine)


# ---- language ----------------------------------------------------------------------------------------------------


def language() -> str:
    """ "en" or "zh": the visitor's choice, else the address, the setting, or the browser's first language."""
    if "language" not in st.session_state:
        asked = st.query_params.get("lang") or settings().language or (st.context.locale or "en")
        st.session_state["language"] = "zh" if asked.startswith("zh") else "en"
    return str(st.session_state["language"])


def translator() -> i18n.Translator:
    return i18n.translator(language())


# ---- dataset -----------------------------------------------------------------------------------------------------


def dataset_id() -> str | None:
    """The chosen dataset: from the address, else the session, else the newest; None where there is none."""
    asked = st.query_params.get("dataset"), st.session_state.get("dataset")
    chosen = next((found for name in asked if name and (found := _here(name))), None)
    st.session_state["dataset"] = chosen or next(iter(desk().datasets()), None)
    return st.session_state["dataset"]  # type: ignore[no-any-return]


def _here(address: str) -> str | None:
    """The address, or its dataset where that version is gone; None where there is neither."""
    for name in (address, address.partition("@")[0]):
        with suppress(UnknownName):
            desk().version(name)
            return name
    return None


def unfinished() -> str | None:
    """A draft whose columns are still to be checked, from the address."""
    name = st.query_params.get("new", "")
    with suppress(UnknownName):
        return name if (desk().draft(name).folder / intake.STAGED).exists() else None
    return None


def page(analysis: str) -> Path:
    return ROOT / "pages" / f"{analysis}.py"


def first_page(name: str) -> NoReturn:
    """Go to the first analysis that a dataset can carry."""
    found = dataset(name)
    carried = (a for a in analyses.ALL if not analyses.lacks(analyses.load(a).NEEDS, found))
    st.switch_page(page(next(carried, "data")), query_params={"dataset": name})


def literal(text: str) -> str:
    """Text of the data inside Markdown, as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:&@" else c for c in text)


def choose(name: str) -> None:
    """Make a dataset the current one, in the session and the address."""
    st.session_state["dataset"] = name
    st.query_params["dataset"] = name


def dataset(name: str) -> Dataset:
    """The open dataset, shared by all sessions as long as its data stay the same."""
    version = desk().version(name)
    title = workspace().version(version.dataset).manifest["name"]
    return _opened(version.address, version.fingerprint, title)


@st.cache_resource(show_spinner=False, max_entries=16)
def _opened(address: str, fingerprint: str, title: str) -> Dataset:
    return workspace().open(address)  # pages ask for little: no Spark of their own, nothing copied to a database


def when(moment: str) -> str:
    """A moment of the store as people read it."""
    return moment[:16].replace("T", " ")


# ---- parameters --------------------------------------------------------------------------------------------------


def recipe(name: str, analysis: str) -> Recipe:
    """The recipe of a page: its parameters from the address, else as they were last in this session."""
    known = options.options(analyses.load(analysis).Params)
    if "dataset" in st.query_params:
        st.session_state[f"params:{analysis}"] = {k: v for k, v in st.query_params.items() if k in known}
    found = Recipe(name, analysis, st.session_state.get(f"params:{analysis}", {}))
    try:
        return Recipe(name, analysis, _changed(found.parsed()))
    except BadParameter as error:
        st.warning(error.text(translator()))
        return Recipe(name, analysis)


def keep(chosen: Recipe) -> None:
    """Remember the recipe in the session and write it into the address."""
    st.session_state[f"params:{chosen.analysis}"] = chosen.params
    values = {name: str(value) for name, value in chosen.params.items()}
    st.query_params.from_dict({"dataset": chosen.dataset, "lang": language(), **values})


def _changed(params: Any) -> dict[str, Any]:
    """Only what differs from the defaults: a short address."""
    known = options.options(type(params))
    return {name: value for name, value in options.to_json(params).items() if value != known[name][1]}


def changed(analysis: str, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a form -> the parameters that differ from their defaults.

    Raises:
        BadParameter: a value is out of its range.
    """
    return _changed(options.parse(analyses.load(analysis).Params, values))


# ---- results -----------------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=64)
def result(key: str, analysis: str) -> Any:
    """A kept result; one object serves all sessions, so nobody may change it."""
    return workspace().load_result(key, analysis)


@st.cache_resource(show_spinner=False, max_entries=64)
def pictures(key: str, analysis: str, spoken: str) -> tuple[dict[str, Any], list[str]]:
    """The figures and findings of a kept result, in one language."""
    module, found, t = analyses.load(analysis), result(key, analysis), i18n.translator(spoken)
    return module.figures(found, t), module.findings(found, t)


@st.cache_resource(show_spinner=False, max_entries=64)
def picks(name: str, fingerprint: str, analysis: str, option: str) -> list[str]:
    """What a Pick offers for this data."""
    described = options.options(analyses.load(analysis).Params)[option][0]
    return list(described.of(dataset(name))) if isinstance(described, options.Pick) else []
