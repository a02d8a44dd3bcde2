"""Results as strangers may see them: nobody can be told by name, and nothing is said of fewer than five people.

A result is made safe before figures, findings, tables and files are made of it, so that none of them can forget to.

- **Ids** become running labels ("Customer 1"); texts, names and whatever else looks like a person is left out.
- **Groups** of fewer than ``LEAST`` are left out with every number of their row, and the next smallest group with
  them where the rows add up to a number that is told: nothing can be reckoned back.
- **Rows of single people** become means of at least ``LEAST`` of them who are alike (microaggregation: Defays & Anwar
  1998; the halving along the widest column is that of LeFevre, DeWitt & Ramakrishnan 2006), so that bars, clouds and
  curves drawn of them stand for five people at least, too.

``tables`` says what each table of each analysis holds; a table it does not know is refused.
"""

from dataclasses import replace
from typing import Any

from crm_ai.analyses import results
from crm_ai.dashboards.hiding import settling, tables
from crm_ai.dashboards.hiding.kinds import Hide
from crm_ai.i18n import Translator

LEAST = 5
"""People, orders or texts that a number must stand for."""

__all__ = ["LEAST", "Hide", "hidden"]


def hidden(analysis: str, result: Any, hide: Hide | None, t: Translator = str, least: int = LEAST) -> Any:
    """The result without what is to be hidden; itself where nothing is.

    Raises:
        TooLittleData: too little would be left.
    """
    if hide is None or not (hide.small or hide.personal):
        return result
    rules = tables.RULES[analysis]
    known = rules.of(result)
    frames = results.tables(result)
    if hide.small:
        counts = (getattr(result, name) for name in rules.bases(result))
        if any(count is not None and 0 < count < least for count in counts):
            raise settling.too_few(least)
    safe = {name: known[name].safe(frame, hide, least) for name, frame in frames.items()}
    if hide.personal:
        safe = tables.relabelled(safe, known, t)
    changed = rules.settle(result, replace(result, **safe), hide, least)
    if not all(len(getattr(changed, name)) for name in rules.needed if len(frames[name])):
        raise settling.too_few(least)
    return changed
