"""The frames of a page as a spreadsheet beside it."""

import re

import pandas as pd

from helpers import exporting
from helpers.language import _
from helpers.report.sheets import KEY

LONGEST_NAME = 31  # of a sheet


def spreadsheet(notebook) -> bytes:
    """Give the frames that an executed notebook shows as a workbook, a sheet for each.

    Parameters
    ----------
    notebook : NotebookNode
        What `helpers.report` showed in it has its frame.

    Raises
    ------
    CannotExport
        A text is longer than a cell of a workbook holds.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    found = [output.get("metadata", {}).get("text/html", {}).get(KEY) for output in outputs]
    found = [one for one in found if one is not None]
    contents = pd.DataFrame(
        {
            _("Sheet"): range(1, len(found) + 1),
            _("Title"): [_plain(one["title"]) for one in found],
            _("Unit"): [_plain(one["unit"]) for one in found],
            _("Holds estimates"): [_("yes") if one["estimates"] else "" for one in found],
        }
    )
    sheets = {_("Contents"): contents}
    for number, one in enumerate(found, 1):
        name = exporting.SHEET_NAME.sub(" ", f"{number}. {_plain(one['title'])}")
        sheets[name[:LONGEST_NAME].strip()] = pd.DataFrame(one["rows"], columns=one["columns"])
    return exporting.as_xlsx(sheets)


def _plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)
