"""Sheets of a workbook to raw tables: clean columns keep their type, mixed ones become text as it is shown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crm_ai.data.files.grids import Merged, Row, read_grid
from crm_ai.data.files.sizes import check_size
from crm_ai.data.files.tables import RawTable
from crm_ai.errors import BadFile, BadParameter
from crm_ai.progress import Progress


def sheet_names(path: Path, name: str) -> list[str]:
    """The sheets of a workbook, the hidden ones last.

    Raises:
        BadFile: it is broken, protected or too large.
    """
    return [title for part in _sheets(_opened(path, name)) for title in part]


def read_workbook(path: Path, folder: Path, name: str, sheet: str | None, progress: Progress) -> list[RawTable]:
    """Every sheet that holds a table, or the one that is asked for; hidden ones where no other does.

    Raises:
        BadFile: the workbook cannot be read or holds no table.
        BadParameter: it has no such sheet.
    """
    progress(0.1, "Opening the workbook")
    book = _opened(path, name)
    if sheet is not None and sheet not in book.sheet_names:
        raise BadParameter("There is no sheet {sheet}; there are {found}.", sheet=sheet, found=list(book.sheet_names))
    for titles in _sheets(book) if sheet is None else ([sheet],):
        if found := _read_sheets(book, titles, folder, name, progress):
            return found
    raise BadFile("{name} holds no sheet with headings and rows.", name=name)


def _sheets(book: Any) -> tuple[list[str], list[str]]:
    """The sheets of cells that are shown, and the hidden ones."""
    import python_calamine as calamine

    cells = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    seen = [sheet.name for sheet in cells if sheet.visible == calamine.SheetVisibleEnum.Visible]
    return seen, [sheet.name for sheet in cells if sheet.name not in seen]


def _read_sheets(book: Any, titles: Sequence[str], folder: Path, name: str, progress: Progress) -> list[RawTable]:
    found = []
    for place, title in enumerate(titles):
        progress(0.3 + 0.6 * place / len(titles), "Reading the records")
        table = _read_sheet(book, title, folder / f"sheet_{len(list(folder.iterdir()))}.parquet", name)
        found += [table] if table else []
    return found


def _opened(path: Path, name: str) -> Any:
    import python_calamine as calamine

    check_size(path, name)
    try:
        with path.open("rb") as file:  # by its content: the name may lie
            return calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError as error:
        raise _protected(name) from error
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError) as error:
        if _is_encrypted(path):
            raise _protected(name) from error
        raise _damaged(name) from error


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20)


def _protected(name: str) -> BadFile:
    return BadFile("{name} is protected by a password: save it without one.", name=name)


def _damaged(name: str) -> BadFile:
    return BadFile("{name} is damaged or was cut off: save it again as XLSX.", name=name)


def _read_sheet(book: Any, title: str, path: Path, name: str) -> RawTable | None:
    """The table of a sheet; None when it has none."""
    import python_calamine as calamine

    try:
        sheet = book.get_sheet_by_name(title)
        return read_grid(_rows(sheet), path, name, title, _merged(sheet))
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError) as error:
        raise _damaged(name) from error


def _rows(sheet: Any) -> Iterator[Row]:
    return iter(sheet.iter_rows()) if sheet.start else iter(())


def _merged(sheet: Any) -> list[Merged]:
    """The merged cells, columns counted from the first that is used, as the rows are."""
    left = sheet.start[1] if sheet.start else 0
    ranges = sheet.merged_cell_ranges or ()
    return [Merged(top, start - left, bottom, end - left) for (top, start), (bottom, end) in ranges if start >= left]
