"""How far the estimates can be trusted: published figures hidden one at a time."""

import hashlib
from pathlib import Path

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import completion, page, wording
from helpers.tables import typeset


def hidden_scores(figures: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Hide every score of every year with enough of them; kept in `folder` from run to run.

    It takes about a minute, so the result is stored under a name that changes with the figures
    and with the code of `helpers.completion`.

    Returns
    -------
    DataFrame
        As given by `completion.every_year`.
    """
    path = folder / f"leave_one_out-{_fingerprint(figures)}.csv"
    if path.exists():
        return pd.read_csv(path)
    left_out = completion.every_year(figures)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    left_out.to_csv(part, index=False)
    part.replace(path)
    return left_out


def _fingerprint(figures: pd.DataFrame) -> str:
    digest = hashlib.sha256(figures.to_csv(index=False).encode())
    for source in sorted(Path(completion.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def coverage_table(left_out: pd.DataFrame) -> GT:
    """Coverage, width and error by index and year, years that fall short included."""
    rows = completion.coverage(left_out).reset_index()
    rows = rows[(rows["hidden"] == "score") & (rows["figure"] == "score")].copy()
    everything = rows["index"] == "all"
    rows["name"] = [
        "Tất cả" if every else f"{wording.INDEX[index]} {year}"
        for every, index, year in zip(everything, rows["index"], rows["year"], strict=True)
    ]
    for column in ("covered_50", "covered_90"):
        rows[column] *= 100
    rows = pd.concat([rows[~everything], rows[everything]])
    return typeset(
        rows,
        {
            "name": "Chỉ số, năm",
            "n": "Số điểm được giấu để thử",
            "covered_50": "Khoảng 50% chứa đúng (%)",
            "covered_90": "Khoảng 90% chứa đúng (%)",
            "width_90": "Độ rộng khoảng 90%",
            "error": "Sai số trung vị",
            "interpolation_error": "Sai số của nội suy",
        },
        title="Giấu lần lượt từng điểm số đã công bố rồi ước lượng lại",
        subtitle="Độ rộng và sai số: điểm (PAR INDEX), điểm phần trăm (SIPAS)",
        decimals={
            "n": 0, "covered_50": 0, "covered_90": 0,
            "width_90": 2, "error": 3, "interpolation_error": 3,
        },
        notes=(
            "Khi giấu điểm số, thứ hạng vẫn được giữ. Nội suy: đường thẳng giữa hai điểm số gần "
            "nhất theo thứ hạng. Điểm nào giấu đi mà không bảng nào khớp thì không nằm ở đây.",
        ),
        highlight=rows["index"] == "all",
    )  # fmt: skip


def verdict(left_out: pd.DataFrame, nothing_left: pd.DataFrame) -> HTML:
    """Say what the test showed, what fell short, and how it is without any figure of the year.

    Parameters
    ----------
    left_out : DataFrame
        Scores hidden, of all years.
    nothing_left : DataFrame
        As given by `completion.leave_one_out` with "both" hidden.
    """
    table = completion.coverage(left_out)
    all_years = table.loc[("score", "score", "all", 0)]
    years = table.drop(index=("score", "score", "all", 0))
    # Where hiding a score leaves no table at all, the estimate has failed as well.
    low = years[years["covered_90"] * years["n"] / (years["n"] + years["without"]) < 0.8]
    names = [f"{wording.INDEX[i]} {y}" for _, _, i, y in low.index]
    texts = [
        f"Giấu lần lượt {wording.whole(all_years['n'])} điểm số: khoảng 90% chứa đúng "
        f"{wording.number(100 * all_years['covered_90'], 1)}%, khoảng 50% chứa đúng "
        f"{wording.number(100 * all_years['covered_50'], 1)}%.",
        f"Sai số trung vị {wording.number(all_years['error'], 3)}, của nội suy "
        f"{wording.number(all_years['interpolation_error'], 3)}: ở giữa bảng, nơi hai bên đều có "
        "điểm sát nhau, ước lượng tốt hơn nội suy không đáng kể; tính theo sai số trung "
        f"bình thì nhỏ hơn {wording.number(100 * all_years['mean_gain'], 0)}%, nhờ hai đầu bảng.",
        "Năm có khoảng 90% chứa đúng dưới 80% (kể cả trường hợp giấu đi thì không bảng nào khớp): "
        f"{wording.names(names)}."
        if names
        else "Không năm nào khoảng 90% chứa đúng dưới 80%.",
    ]
    if not nothing_left.empty:
        both = completion.coverage(nothing_left)
        shares = {
            figure: both.loc[("both", figure, "all", 0), "covered_90"] * 100
            for figure in ("score", "rank")
        }
        n = both.loc[("both", "score", "all", 0), "n"]
        short = [
            word
            for figure, word in (("rank", "thứ hạng"), ("score", "điểm số"))
            if shares[figure] < 88
        ]
        outcome = (
            f": khoảng của {wording.names(short)} hẹp hơn thực tế"
            if short
            else ": khoảng được ghi là đúng mức"
        )
        texts.append(
            f"Giấu cả điểm lẫn hạng ({wording.whole(n)} trường hợp của năm này), tức như một địa "
            "phương chưa công bố gì, khoảng 90% chứa đúng "
            f"{wording.number(shares['rank'], 0)}% thứ hạng và "
            f"{wording.number(shares['score'], 0)}% điểm số{outcome}."
        )
    return page.points(texts)
