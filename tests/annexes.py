"""Files such as a home-affairs department has, made for the tests of the import.

Except where a function says "published", every figure in them is made up.
"""

import csv
import functools
import io
import struct
import zipfile
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
from matplotlib.figure import Figure

from helpers import facts, language, paths, units
from helpers.errors import CchcError
from helpers.importing import judging, tables
from helpers.importing.shapes import Cell, Request, Sheet, Table, figure_name

HEAD = [
    "STT",
    "Tỉnh, thành phố",
    "Điểm thẩm định",
    "Chỉ số SIPAS",
    "Khảo sát lãnh đạo quản lý",
    "Tác động đến phát triển KT-XH",
    "Chỉ số CCHC",
    "Xếp hạng",
]
PARTS = ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact")


def sheet_of(rows: list[list], name: str = "Sheet", **about) -> Sheet:
    """Rows of texts, numbers and cells as a sheet."""

    def cell(value) -> Cell | None:
        if value is None or value == "" or isinstance(value, Cell):
            return value or None
        return Cell(value, "number" if isinstance(value, int | float) else "text")

    labels = [f"row {number}" for number in range(1, len(rows) + 1)]
    return Sheet(name, [list(map(cell, row)) for row in rows], labels, **about)


def figures_of(table: Table) -> dict[tuple[str, str], float]:
    """Figures of a table by unit and name."""
    rows = table.figures.itertuples()
    return {(r.unit, figure_name(r.measure, r.part)): float(r.value) for r in rows}


def decided(sheets: list[Sheet], request: Request, known, file: str = "", new_scoring=False):
    """Figures that the command would take, with all that it tells; or None and why it refuses."""
    with language.using("en"):
        try:
            table = tables.find(sheets, request, file)
            judged = judging.judge(table, known, request.index, request.year, new_scoring)
        except CchcError as refusal:
            return None, str(refusal)
    told = "\n".join([*judged.problems, *judged.notes, *table.left_out])
    if judged.problems:
        return None, told
    if not (table.named or request.confirmed):
        return None, "nothing says which index it is of"
    return figures_of(table), told


@functools.cache
def made_up_order(year: int, index: str = "PAR") -> list[str]:
    """Units of a year in the order of their mean published rank, with which a table must fit."""
    known = facts.load().drop_duplicates("line")  # made-up-marks.xls has the order of the lines
    known = known[(known["index"] == index) & (known["measure"] == "rank")]
    known = known[(known["unit_type"] == "province") & (known["status"] == "accepted")]
    means = known.groupby("unit")["value"].mean().reindex(units.provinces()["name"]).fillna(32)
    everyone = units.provinces(year)["name"]
    return sorted(everyone, key=lambda unit: means[units.members(unit, year)].mean())


def made_up_rows(year: int = 2011, index: str = "PAR", order: list[str] | None = None) -> list:
    """Rows below `HEAD` for every unit of a year: parts that add up, and ranks in their order."""
    rows = []
    for place, name in enumerate(order or made_up_order(year, index), 1):
        cents = [5900 - 11 * place, 950 - 2 * place, 2050 - 5 * place, 400 - 3 * place]
        rows.append([place, name, *(c / 100 for c in cents), sum(cents) / 100, place])
    return rows


def published_rows(table, year: int = 2020) -> list[list]:
    """Rows below `HEAD` with the published figures of the PAR INDEX, blank where there is none."""
    scores, parts = facts.scores(table, "PAR", year), facts.parts(table, "PAR", year)
    names = [*scores.index, *(n for n in units.provinces(year)["name"] if n not in scores.index)]

    def cell(frame, name, column):
        known = name in frame.index and frame.at[name, column] == frame.at[name, column]
        return float(frame.at[name, column]) if known else None

    return [
        [
            place,
            name,
            *(cell(parts, name, part) for part in PARTS),
            cell(scores, name, "score"),
            cell(scores, name, "rank"),
        ]
        for place, name in enumerate(names, 1)
    ]


def published_papi(year: int) -> pd.DataFrame:
    """The published PAPI of a year as figures of a table: points of 80."""
    rows = pd.read_csv(paths.data_dir() / "papi.csv")
    rows = rows[rows["year"] == year].dropna(subset="total")
    return pd.DataFrame(
        {"unit": rows["unit"], "measure": "score", "part": "", "value": rows["total"], "place": ""}
    )


def write_xlsx(path: Path, rows: list[list], **sheets: list[list]) -> Path:
    """Write rows as they are into the first sheet, and other sheets by name."""
    book = openpyxl.Workbook()
    for name, content in {"Sheet1": rows, **sheets}.items():
        sheet = book.active if name == "Sheet1" else book.create_sheet(name)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def write_annex(path: Path, rows: list[list], year: int = 2020) -> Path:
    """Write a workbook in the layout of the ministry's annex: titles, merged heads, a mean row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Phụ lục 1"
    sheet.append(["BỘ NỘI VỤ", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"])
    sheet.append([f"CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM {year} CỦA CÁC TỈNH, THÀNH PHỐ"])
    signed = f"ngày 24 tháng 6 năm {year + 1}"
    sheet.append([f"(Kèm theo Quyết định số 577/QĐ-BNV {signed} của Bộ trưởng Bộ Nội vụ)"])
    sheet.append([])
    sheet.append([*HEAD[:3], "Tác động của CCHC", None, None, *HEAD[6:]])
    sheet.append([None, None, None, *HEAD[3:6]])
    sheet.append(["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)=(3)+(4)+(5)+(6)", "(8)"])
    for area in ("A1:C1", "E1:H1", "A2:H2", "A3:H3", "D5:F5", *(f"{c}5:{c}6" for c in "ABCGH")):
        sheet.merge_cells(area)
    for row in rows:
        sheet.append(row)
    scores = [row[6] for row in rows if row[6] is not None]
    if len(scores) == len(rows):
        mean = round(sum(scores) / len(scores), 2)
        sheet.append([None, "Trung bình", None, None, None, None, mean])
    sheet.append([])
    sheet.append(["Ghi chú: điểm tối đa là 100."])
    book.save(path)
    return path


def as_csv(rows: list[list], separator: str = ",", comma: bool = False) -> str:
    """Write rows as CSV text, numbers with a decimal comma on request."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        numbers = [comma and isinstance(cell, float) for cell in row]
        pairs = zip(cells, numbers, strict=True)
        writer.writerow([c.replace(".", ",") if number else c for c, number in pairs])
    return text.getvalue()


def change_member(path: Path, name: str, change, make) -> Path:
    """Make a packed file, and pack it anew with one member changed."""
    make(path)
    with zipfile.ZipFile(path) as packed:
        members = {member: packed.read(member) for member in packed.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for member, content in members.items():
            packed.writestr(member, content)
    return path


def write_ods(path: Path, rows: list[list], cell_of=None) -> Path:
    """Write rows as ODS; ``cell_of`` gives the XML of a cell for a value."""
    cells = cell_of or ods_cell
    body = "".join(
        "<table:table-row>" + "".join(map(cells, row)) + "</table:table-row>" for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} '
        'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Bang">'
        f"{body}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", manifest)
    return path


def ods_cell(value) -> str:
    """Write a value as a cell of ODS."""
    if value is None:
        return "<table:table-cell/>"
    kind = "string"
    number = ""
    if isinstance(value, int | float):
        kind, number = "float", f' office:value="{value}"'
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="{kind}"{number}>{text}</table:table-cell>'


def draw_pdf(path: Path, rows: list[list], lines: str = "all", on_page: int = 40, **about) -> Path:
    """Draw a PDF as ministries make them; the first row is the head of every page.

    Parameters
    ----------
    lines : str
        "all", "inner" (none around the table), "no bottom", "across" (between rows alone),
        "shaded" (every second row, no line) or "none".
    about
        ``title`` above the table, ``below`` it; ``bold`` draws each text twice, a hair apart;
        ``heads`` is how many rows the head has; ``later`` the rows of further pages.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    count = about.get("heads", 1)
    head, body = rows[:count], rows[count:]
    with plt.rc_context(), PdfPages(path) as pages:
        plt.rcdefaults()
        plt.rcParams["pdf.fonttype"] = 42
        parts = [[*head, *body[at : at + on_page]] for at in range(0, len(body), on_page)]
        for number, part in enumerate([*parts, *about.get("later", [])]):
            pages.savefig(_drawn(part, lines, about, number == 0))
    return path


def _drawn(rows: list[list], lines: str, about: dict, first: bool) -> Figure:
    """A page of 595 by 842 points with a table of columns as wide as their texts."""
    figure = Figure(figsize=(595 / 72, 842 / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 595), ylim=(842, 0))
    axes.set_axis_off()
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(20, *(4.2 * len(row[at]) + 8 for row in texts)) for at in range(len(texts[0]))]
    edges = [40 + sum(widths[:at]) for at in range(len(widths) + 1)]
    heights = [120]
    for row in texts:
        heights.append(heights[-1] + 7 + 9 * max(text.count("\n") + 1 for text in row))

    def write(x, y, text):
        for shift in (0, 0.25) if about.get("bold") else (0,):
            axes.text(x + shift, y, text, fontsize=7, va="center")

    if first and about.get("title"):
        write(60, 60, about["title"])
    if about.get("below"):
        write(60, heights[-1] + 40, about["below"])
    for at, row in enumerate(texts):
        if lines == "shaded" and at % 2 == 0:
            size = (edges[-1] - edges[0], heights[at + 1] - heights[at])
            axes.add_patch(plt.Rectangle((edges[0], heights[at]), *size, color="#dde6f0", lw=0))
        for left, text in zip(edges, row, strict=False):
            write(left + 4, (heights[at] + heights[at + 1]) / 2, text)
    inner = slice(1, -1) if lines in ("inner", "across") else slice(None)
    if lines in ("all", "inner", "no bottom"):
        for x in edges[inner]:
            axes.plot([x, x], [heights[0], heights[-1]], color="black", lw=0.5)
    if lines in ("all", "inner", "across", "no bottom"):
        across = heights[:-1] if lines == "no bottom" else heights[inner]
        for y in across:
            axes.plot([edges[0], edges[-1]], [y, y], color="black", lw=0.5)
    return figure


def write_docx(path: Path, *blocks: str | list[list]) -> Path:
    """Write a Word document of paragraphs and tables.

    A cell is None where the cell left of it reaches over it, "^" where the one above it does, and
    XML of its own where it begins with "<".
    """
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(_docx_block(block) for block in blocks)
    document = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
        )
        packed.writestr("_rels/.rels", _relation("officeDocument", "word/document.xml"))
        packed.writestr("word/document.xml", document)
    return path


def _relation(kind: str, target: str) -> str:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/{kind}" '
        f'Target="{target}"/></Relationships>'
    )


def _docx_block(block: str | list[list]) -> str:
    if isinstance(block, str):
        return block if block.startswith("<") else _paragraph(block)
    rows = []
    for number, row in enumerate(block):
        cells, at = [], 0
        while at < len(row):
            wide = 1
            while row[at] is not None and at + wide < len(row) and row[at + wide] is None:
                wide += 1
            below = number + 1 < len(block) and at < len(block[number + 1])
            merge = ""
            if row[at] == "^":
                merge = "<w:vMerge/>"
            elif below and block[number + 1][at] == "^":
                merge = '<w:vMerge w:val="restart"/>'
            span = f'<w:gridSpan w:val="{wide}"/>' if wide > 1 else ""
            text = "" if row[at] in ("^", "") else str(row[at])
            inside = text if text.startswith("<") else _paragraph(text)
            cells.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{inside}</w:tc>")
            at += wide
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def write_xlsb(
    path: Path, rows: list[list], hidden_row: int | None = None, hidden_column: int | None = None
) -> Path:
    """Write a binary workbook of one sheet, "Bang", with texts and numbers.

    A pair of texts is one text whose end is in a second font.
    """

    def record(kind: int, content: bytes = b"") -> bytes:
        # Numbers of records and sizes in seven bits a byte, the lowest first.
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, rest = b"", len(content)
        while True:
            size += bytes([rest & 0x7F | (0x80 if rest > 127 else 0)])
            rest >>= 7
            if not rest:
                return number + size + content

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    cells = b""
    for number, row in enumerate(rows):
        flags = b"\x10" if number == hidden_row else b"\0"
        cells += record(0, struct.pack("<I", number) + bytes(7) + flags + bytes(5))
        for column, value in enumerate(row):
            at = struct.pack("<II", column, 0)
            if isinstance(value, int | float):
                cells += record(5, at + struct.pack("<d", value))
            elif isinstance(value, tuple):
                runs = struct.pack("<IHHHH", 2, 0, 0, len(value[0]), 1)
                cells += record(62, at + b"\x01" + text("".join(value)) + runs)
            elif value is not None:
                cells += record(6, at + text(str(value)))
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    columns = b""
    if hidden_column is not None:
        columns = record(60, struct.pack("<IIIIH", hidden_column, hidden_column, 2048, 0, 1))
    sheet = record(129) + record(148, size) + columns + record(145) + cells
    sheet += record(146) + record(130)
    about = struct.pack("<II", 0, 1) + text("rId1") + text("Bang")
    book = record(131) + record(143) + record(156, about) + record(144) + record(132)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.bin", book)
        packed.writestr(
            "xl/_rels/workbook.bin.rels", _relation("worksheet", "worksheets/sheet1.bin")
        )
        packed.writestr("xl/worksheets/sheet1.bin", sheet)
        # Excel puts an index of rows beside each sheet; its records end otherwise.
        packed.writestr("xl/worksheets/binaryIndex1.bin", record(42, bytes(24)) + record(277))
    return path


def write_scan(path: Path) -> Path:
    """Write a PDF that holds a picture and no text."""
    figure = Figure(figsize=(4, 4))
    figure.figimage([[0.0, 1.0], [1.0, 0.0]], resize=False)
    figure.savefig(path, format="pdf")
    return path
