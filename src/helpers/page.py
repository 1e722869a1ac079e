"""Pieces of a report page that are neither a table nor a chart, as HTML.

The look comes from the page's template; the few inline styles keep the pieces readable in
JupyterLab, which does not have it.
"""

from collections.abc import Iterable, Sequence
from html import escape

import matplotlib.pyplot as plt
from IPython.display import HTML
from matplotlib.axes import Axes

from helpers import charts, units, wording
from helpers.citations import Citations


def title(heading: str, subtitle: str) -> HTML:
    """Head of the page: what it is about, and the year."""
    return HTML(f'<h1>{escape(heading)}</h1><p class="subtitle">{escape(subtitle)}</p>')


def paragraphs(*texts: str) -> HTML:
    """Sentences as paragraphs; empty ones are left out. May hold source marks (HTML)."""
    return HTML("".join(f"<p>{text}</p>" for text in texts if text))


def points(texts: list[str]) -> HTML:
    """Sentences as a list."""
    return HTML(f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>")


def card(
    found: dict,
    index: str,
    year: int,
    cite: Citations,
    estimates: Sequence[str] = (),
    of: int = 63,
) -> str:
    """Score, rank and changes of one index, each with its kind and its sources.

    Parameters
    ----------
    found : dict
        As given by `helpers.standing.of_year`.
    estimates : sequence of str, optional
        What is estimated where nothing is published, in words; set light, apart from the rest.

    Returns
    -------
    str
        HTML; `cards` lays several side by side.
    """
    score, rank = found["score"], found["rank"]
    lines = [f'<div class="card-name">{wording.INDEX[index]} {year}</div>']
    if score is None:
        lines.append('<div class="card-score none">chưa thấy công bố</div>')
    else:
        lines.append(
            f'<div class="card-score">{wording.score(score["value"], index)}'
            f"{_kind_and_sources(score, cite)}</div>"
        )
    if rank is not None:
        lines.append(
            f"<div>xếp thứ <b>{wording.rank(rank['value'], of)}</b>"
            f"{_kind_and_sources(rank, cite)}</div>"
        )
    elif score is not None:
        lines.append("<div>thứ hạng chưa thấy công bố</div>")
    for key, write in (("rank_change", wording.rank_change), ("score_change", None)):
        change = found[key]
        if change is not None:
            text = write(change["value"]) if write else wording.score_change(change["value"], index)
            lines.append(
                f"<div>{text} so với năm {year - 1}{_kind_and_sources(change, cite)}</div>"
            )
    lines += [f'<div class="estimate">{escape(text)}</div>' for text in estimates]
    style = "flex:1 1 15em;border:1px solid #cbd2d9;border-radius:6px;padding:12px 16px"
    return f'<div class="card" style="{style}">{"".join(lines)}</div>'


def cards(*made: str) -> HTML:
    """Lay cards side by side; they wrap on a narrow screen."""
    style = "display:flex;flex-wrap:wrap;gap:12px;margin:12px 0"
    return HTML(f'<div class="cards" style="{style}">{"".join(made)}</div>')


def _kind_and_sources(figure, cite: Citations) -> str:
    derivation = figure["arithmetic"] if "arithmetic" in figure else figure["derivation"]
    kind = wording.kind_of(figure)
    told = ""
    if kind == "derived":
        told = (
            f' <span class="kind" title="{escape(wording.arithmetic(derivation))}">'
            f"({wording.KIND[kind]})</span>"
        )
    return told + cite(figure["sources"])


SOURCE = "Nguồn: các bài công bố kết quả, có trong danh mục nguồn cuối trang."


def chart(ax: Axes, finding: str, subtitle: str, alt: str = "") -> HTML:
    """Put titles on a chart and give it as inline SVG.

    Parameters
    ----------
    finding, subtitle : str
        What the chart says, and its unit.
    alt : str, optional
        What it shows, for those who cannot see it; the finding and the subtitle when left out.
    """
    charts.title(ax, finding, subtitle, SOURCE)
    svg = charts.svg(ax, alt or f"{finding}. {subtitle}.")
    plt.close(ax.figure)
    return HTML(f"<figure>{svg}</figure>")


def cite_all(cite: Citations, *columns: Iterable[str]) -> None:
    """Put the sources of everything that a chart draws on the list at the foot of the page."""
    for ids in columns:
        cite(" ".join(ids))


def stack(*pieces) -> HTML:
    """Show several charts, tables or sentences one under the other."""
    return HTML("\n".join(piece._repr_html_() for piece in pieces))


def sources(cite: Citations) -> HTML:
    """List every source cited on the page; the last cell of a notebook."""
    return HTML(cite.listed())


def reading_guide() -> HTML:
    """Say how to read the three kinds of figures, and the units."""
    return points(
        [
            "<b>Công bố</b>: con số nêu nguyên văn trong nguồn.",
            "<b>Suy ra</b>: con số tính từ các con số đã công bố, kèm cách tính.",
            "<b>Ước lượng</b>: khoảng giá trị rút ra từ mọi bảng xếp hạng phù hợp với tất cả con "
            "số đã công bố; khoảng 90% nghĩa là khi thử giấu đi một con số đã biết, khoảng tính "
            "được chứa con số ấy trong khoảng chín trên mười lần. "
            "Với địa phương chưa công bố cả điểm lẫn hạng, tỷ lệ này thấp hơn; kết quả thử ở mục "
            "“Ước lượng đáng tin đến đâu?” của báo cáo kết quả cả nước.",
            "PAR INDEX tính theo thang 100 điểm; SIPAS là tỷ lệ phần trăm người dân, tổ chức "
            "hài lòng.",
            "Từ năm 2022 SIPAS đổi cách khảo sát: các năm 2017–2021 và từ 2022 trở đi là hai "
            "chuỗi số liệu riêng.",
        ]
    )


# The centrally run cities among the 34 units of 1 July 2025.
CITIES_2025 = frozenset({"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"})


def administrative_note(unit: str) -> str:
    """Say what became of a province in 2025; "" where it stayed as it was."""
    provinces = units.provinces().set_index("name")
    now = provinces.at[unit, "unit_2025"]
    together = provinces.index[provinces["unit_2025"] == now]
    before = wording.place(unit, provinces.at[unit, "kind"])
    after = wording.place(now, "city" if now in CITIES_2025 else "province")
    others = wording.names([name for name in together if name != unit])
    if others:
        return (
            f"Từ ngày 1/7/2025, {before} hợp nhất với {others} thành {after} mới; số liệu trong "
            "báo cáo này theo địa giới cũ."
        )
    # Only Huế changed its name without a merger, half a year before the others.
    return "" if now == unit else f"Từ ngày 1/1/2025, {before} là {after}."
