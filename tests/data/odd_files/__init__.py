"""A corpus of malformed and odd files, made by a script: ``CASES``, each named by what is wrong with it."""

from tests.data.odd_files import bombs, exports, packed, pages, sheets, texts, values
from tests.data.odd_files.cases import Case

CASES: dict[str, Case] = {
    case.name: case for module in (texts, values, packed, sheets, bombs, pages, exports) for case in module.CASES
}
