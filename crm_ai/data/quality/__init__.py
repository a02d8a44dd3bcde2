"""Named cleaning rules and what each of them did: nothing disappears silently.

RULES lists them; clean() types a raw table, applies the rules and tells what they found; the rejected rows are kept
with the rule that took them out and can be written as CSV.
"""

from crm_ai.data.quality.cleaning import Cleaned, clean
from crm_ai.data.quality.drafts import Part
from crm_ai.data.quality.finds import key_of
from crm_ai.data.quality.rejects import write_csv, write_rejected
from crm_ai.data.quality.reports import Finding, TableReport, Totals
from crm_ai.data.quality.rules import RULES, Rule, check, chosen, rules_of

__all__ = [
    "RULES",
    "Cleaned",
    "Finding",
    "Part",
    "Rule",
    "TableReport",
    "Totals",
    "check",
    "chosen",
    "clean",
    "key_of",
    "rules_of",
    "write_csv",
    "write_rejected",
]
