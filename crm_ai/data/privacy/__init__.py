"""Personal data: find them in a source, treat them before anything is stored, and record what was done.

found = find(source)                                     what there is, column by column
choices = {item.heading: suggestion(item.kind) for item in found}
treated = treat(source, choices, key(path), folder)      a new source without them
record(choices, found, key(path))                        for the manifest: kinds and counts, never a value
"""

from crm_ai.data.privacy.finding import Personal, find
from crm_ai.data.privacy.keys import key, key_id
from crm_ai.data.privacy.treating import record, treat
from crm_ai.data.privacy.treatments import (
    HIDDEN,
    KEEP,
    KINDS,
    MASK,
    PSEUDONYMISE,
    REMOVE,
    TREATMENTS,
    masked,
    suggestion,
)

__all__ = [
    "HIDDEN",
    "KEEP",
    "KINDS",
    "MASK",
    "PSEUDONYMISE",
    "REMOVE",
    "TREATMENTS",
    "Personal",
    "find",
    "key",
    "key_id",
    "masked",
    "record",
    "suggestion",
    "treat",
]
