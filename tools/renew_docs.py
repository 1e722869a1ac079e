"""Renew what is computed once for all, and every number that the documents take from it.

``python tools/renew_docs.py`` hides the known scores anew under ten seeds (a quarter of an
hour of one processor; each seed is kept in ``outputs/tables/`` until figures or estimates change),
stores what came of it in ``docs/hidden_scores.csv``, and rewrites what stands in the documents
between ``<!-- figures: NAME -->`` and ``<!-- /figures -->`` and what examples in ``docs/`` give.
``python tools/renew_docs.py quick`` takes ``docs/hidden_scores.csv`` as it is. Either way the tests
of the estimates that come with the project (`helpers.holdout.stored`) are made anew where figures
or estimates have changed, which takes six minutes.
"""

import doctest
import re
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import fill

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers import completion, facts, holdout, paths, units
from helpers.completion.tables import DRAWS, SEED
from helpers.holdout import stored

ROOT = paths.project_root()
STORED = ROOT / "docs" / "hidden_scores.csv"
WORLDS = ROOT / "docs" / "made_up_worlds.csv"
SEEDS = range(SEED, SEED + 10)
# Indices and years, and what else of the hidden scores the documents tell of.
ALL, ENDS, MIDDLE = "all", "ends", "middle"
BLOCK = re.compile(r"( *)<!-- figures: ([a-z-]+) -->\n(.*?) *<!-- /figures -->", re.DOTALL)
WIDTH = 100


# --- scores hidden as a test ---------------------------------------------------------------


def summary(left_out: pd.DataFrame) -> pd.DataFrame:
    """Sum up what was hidden under one seed: by index and year, over all, at the ends and between.

    Returns
    -------
    DataFrame
        ``group`` ("PAR 2020", "all", "ends": with a published neighbour on one side only,
        "middle": the others; "score, nothing known" and "rank, nothing known" where both were
        hidden), ``n`` and the columns of `completion.coverage` that are told of, and the two mean
        absolute errors.
    """
    scores = left_out[left_out["hidden"] == "score"]
    groups = {f"{index} {year}": rows for (index, year), rows in scores.groupby(["index", "year"])}
    if len(scores):
        outer = scores["outermost"].astype(bool)
        groups |= {ALL: scores, ENDS: scores[outer], MIDDLE: scores[~outer]}
    both = left_out[left_out["hidden"] == "both"]
    groups |= {f"{figure}, nothing known": rows for figure, rows in both.groupby("figure")}
    return pd.DataFrame([{"group": name, **_told(rows)} for name, rows in groups.items()])


def _told(rows: pd.DataFrame) -> dict:
    found = completion.coverage(rows).xs(ALL, level="index").iloc[0]
    predicted = rows.dropna(subset="median")
    off = predicted[["median", "interpolated"]].sub(predicted["truth"], axis=0).abs().mean()
    columns = ["n", "without", "covered_50", "covered_90", "width_90", "error"]
    told = {column: found[column] for column in [*columns, "interpolation_error"]}
    return told | {"mean_error": off["median"], "mean_interpolation_error": off["interpolated"]}


def hide_anew(figures: pd.DataFrame) -> pd.DataFrame:
    """Hide the scores under every seed, and score and rank together under the first.

    Of the latter there are so many that their number, and not the seed, is what the share hangs on:
    they are those of the notebook.
    """
    folder, made = paths.outputs_dir() / "tables", []
    for seed in SEEDS:
        print(f"scores hidden, seed {seed}, to {SEEDS[-1]}", flush=True)
        made.append(summary(scores_hidden(figures, seed)).assign(seed=seed))
    print("score and rank hidden together", flush=True)
    both = stored.hidden_scores(figures, folder)
    made.append(summary(both[both["hidden"] == "both"]).assign(seed=SEED))
    table = pd.concat(made, ignore_index=True)
    return table[["seed", *table.columns.drop("seed")]]


def scores_hidden(figures: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Hide the scores under one seed, and estimate each from as many tables as a reader gets."""
    folder = paths.outputs_dir() / "tables"
    return stored.hidden_scores(figures, folder, seed, hide=("score",), draws=DRAWS)


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds, with the 95% interval of the coverage among so many scores.

    Returns
    -------
    DataFrame indexed by group
        As `summary`, with ``low`` and ``high``: Wilson's interval (1927) of ``covered_90``.
    """
    means = table.groupby("group", sort=False).mean().drop(columns="seed")
    # Means over seeds: the number of cases need not be a whole one.
    n = means["n"]
    low, high = proportion_confint(means["covered_90"] * n, n, method="wilson")
    return means.assign(low=low, high=high)


# --- what stands in the documents ----------------------------------------------------------


def hidden_table(found: pd.DataFrame, hidden: pd.DataFrame) -> str:
    """The README's table of hidden scores, and what to know about it."""
    lines = [
        "| | scores hidden | in the 50% interval | in the 90% interval | "
        "median width of the 90% interval | median error | of interpolation |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    years = found[found.index.str.match(r"(PAR|SIPAS) \d")]
    for name, row in [*years.iterrows(), ("**all**", found.loc[ALL])]:
        lost = f" (+{row['without']:.0f})" if row["without"] else ""
        lines.append(
            f"| {name} | {row['n']:.0f}{lost} | {row['covered_50']:.0%} | {_share(row)} | "
            f"{row['width_90']:.2f} | {row['error']:.3f} | {row['interpolation_error']:.3f} |"
        )
    return "\n".join(lines) + "\n\n" + _to_know(found, years, hidden)


def _share(row) -> str:
    return f"{row['covered_90']:.0%} ({row['low']:.0%} to {row['high']:.0%})"


def _to_know(found: pd.DataFrame, years: pd.DataFrame, hidden: pd.DataFrame) -> str:
    everything, ends, middle = (found.loc[name] for name in (ALL, ENDS, MIDDLE))
    score, rank = (found.loc[name] for name in NOTHING_KNOWN)
    off = years[(years["low"] > 0.9) | (years["high"] < 0.9)]
    lost = years[years["without"] > 0]
    texts = [
        f"Shares, widths and errors are means over {len(SEEDS)} seeds, of {DRAWS} tables each; in "
        "brackets, the 95% interval that so few scores leave (Wilson)."
        + "".join(
            f" (+{row['without']:.0f}): with that score hidden no table fits, so there is no "
            f"estimate; counted as a miss it brings {name} to "
            f"{row['covered_90'] * row['n'] / (row['n'] + row['without']):.0%}."
            for name, row in lost.iterrows()
        ),
        f"- Over all years the 90% interval holds {everything['covered_90']:.0%} of the scores, "
        f"the 50% interval {everything['covered_50']:.0%}. Single years of "
        f"{years['n'].min():.0f} to {years['n'].max():.0f} scores swing by chance; those that "
        f"leave 90% out of their interval: {', '.join(off.index) or 'none'}.",
        "- Against a line between the nearest published scores, the **median** error over all is "
        f"{_gain(everything['error'], everything['interpolation_error'])} and the **mean** error "
        f"{_gain(everything['mean_error'], everything['mean_interpolation_error'])}. "
        f"The mean error of the {ends['n']:.0f} scores with a published neighbour on one side only "
        f"is {ends['mean_error']:.2f} against {ends['mean_interpolation_error']:.2f}; the median "
        f"error of the other {middle['n']:.0f} is {middle['error']:.3f} against "
        f"{middle['interpolation_error']:.3f}.",
        "- Where score and rank are both hidden, as for a province with nothing published, the 90% "
        f"interval held {_share(rank)} of the ranks and {_share(score)} of the scores "
        f"({rank['n']:.0f} cases, all years, one seed); the median error of the rank is "
        f"{rank['error']:.0f} places. {_narrow(rank, score)} "
        f"{_at_the_foot(hidden)}",
    ]
    return "\n".join(_lines(text) for text in texts)


def _lines(text: str) -> str:
    """Break a sentence, or a point of a list, into lines."""
    return fill(
        text,
        WIDTH,
        subsequent_indent="  " * text.startswith("- "),
        break_long_words=False,
        break_on_hyphens=False,
    )


NOTHING_KNOWN = (
    "score, nothing known",
    "rank, nothing known",
)


def _gain(error: float, other: float) -> str:
    gain = 1 - error / other
    return f"{abs(gain):.0%} {'smaller' if gain >= 0 else 'larger'}"


def _narrow(rank, score) -> str:
    narrow = [name for name, row in (("ranks", rank), ("scores", score)) if row["high"] < 0.9]
    if not narrow:
        return "Over all places together neither is clearly short of 90%."
    return (
        f"The intervals of {' and '.join(narrow)} are too narrow, and the national report says so."
    )


def _last_places(hidden: pd.DataFrame) -> tuple[int, int, float]:
    """Of the last five ranks of a table: those held, those hidden, places estimated too high."""
    rows = hidden[(hidden["hidden"] == "both") & (hidden["figure"] == "rank")]
    rows = rows[rows["truth"] > rows["year"].map(units.count) - 5]
    held = rows["truth"].between(rows["low_90"], rows["high_90"]).sum()
    return held, len(rows), (rows["truth"] - rows["median"]).mean()


def _at_the_foot(hidden: pd.DataFrame) -> str:
    held, n, too_high = _last_places(hidden)
    low, high = proportion_confint(held, n, method="wilson")
    short = ", and tends to place them too high" if high < 0.9 and too_high > 0 else ""
    return (
        f"Of the last five places of a table it holds {held} of {n} ranks "
        f"({low:.0%} to {high:.0%}){short}."
    )


def hidden_table_vi(found: pd.DataFrame, hidden: pd.DataFrame) -> str:
    """What the Vietnamese README says of the hidden scores."""
    everything, years = found.loc[ALL], found[found.index.str.match(r"(PAR|SIPAS) \d")]
    score, rank = (found.loc[name] for name in NOTHING_KNOWN)
    off = years[(years["low"] > 0.9) | (years["high"] < 0.9)]
    held, last, _too_high = _last_places(hidden)
    exceptions = f"trừ {', '.join(off.index)}" if len(off) else "không trừ năm nào"
    return _lines(
        "Khi tạm ẩn lần lượt từng điểm số đã biết "
        f"({everything['n'] + everything['without']:.0f} trường hợp của {len(years)} kỳ công bố, "
        f"trung bình của {len(SEEDS)} lần dựng), khoảng ước lượng 90% chứa đúng "
        f"{everything['covered_90']:.0%} số trường hợp; tỷ lệ của từng năm phù hợp với mức 90% "
        f"trong phạm vi sai số của số ít trường hợp, {exceptions}. Bảng đầy đủ nằm trong "
        "[README tiếng Anh](README.md#the-estimates-and-what-they-are-worth). Với địa phương chưa "
        "tìm thấy cả điểm lẫn hạng, khoảng ước lượng 90% chứa đúng "
        f"{rank['covered_90']:.0%} số hạng và {score['covered_90']:.0%} số điểm; "
        "riêng ở năm hạng cuối bảng thì chứa đúng "
        f"{held}/{last} số hạng. Kết quả kiểm nghiệm có trong báo cáo kết quả cả nước."
    )


def held_out(judged: pd.DataFrame) -> str:
    """What docs/methods.md says of figures that were found after the estimates were made."""
    lines = [
        "| figures; what was known of the province that year | in the 90% interval | 95% interval "
        "of that share | median width |",
        "| --- | --- | --- | --- |",
    ]
    table = holdout.totals(judged)
    for (figure, known), row in table.iterrows():
        share, low, high = (f"{row[name]:.0%}" for name in ("share", "low", "high"))
        width = f"{row['width']:.{2 if figure == 'score' else 0}f}"
        lines.append(
            f"| {figure}s; {known} known | {row['held']:.0f} of {row['n']:.0f}, {share} | "
            f"{low} to {high} | {width} |"
        )
    without = f"{table['without'].sum():.0f} figures of a year without estimates are not in it."
    return "\n".join([*lines, "", _lines(without)])


# Quantities of the made-up worlds, and what their intervals promise to hold.
PROMISED = {
    "correlation": ("correlation of PAR and SIPAS 2020", 0.95),
    "change_PAR": ("change of rank 2019-2020, PAR", 0.9),
    "change_SIPAS": ("change of rank 2019-2020, SIPAS", 0.9),
    "rises": ("number of steady rises, SIPAS 2017-2020", 0.9),
    "falls": ("number of steady falls, SIPAS 2017-2020", 0.9),
}


def worlds_held(worlds: pd.DataFrame) -> pd.DataFrame:
    """How often the intervals of the whole chain hold what is true in made-up worlds.

    Returns
    -------
    DataFrame indexed by quantity, as `PROMISED`
        ``worlds``, ``share`` (a mean over the worlds), ``promised``, ``error`` (standard error if
        the promise is kept: binomial; between worlds where one has many changes, or ties) and
        ``off``, in standard errors.
    """
    rows = []
    for quantity, (_, promised) in PROMISED.items():
        values = worlds[quantity]
        whole = values.isin([0, 1]).all()
        variance = promised * (1 - promised) if whole else values.var()
        error = (variance / len(values)) ** 0.5
        rows.append((len(values), values.mean(), promised, error))
    table = pd.DataFrame(rows, list(PROMISED), ["worlds", "share", "promised", "error"])
    return table.assign(off=(table["share"] - table["promised"]) / table["error"])


def made_up_worlds(worlds: pd.DataFrame) -> str:
    """What docs/methods.md says of them."""
    by_kind = {kind: worlds_held(rows) for kind, rows in worlds.groupby("parameters")}
    counts = {kind: held["worlds"].iloc[0] for kind, held in by_kind.items()}
    lines = [
        "| true value, beside its interval | promised | "
        + " | ".join(f"{counts[kind]} worlds, parameters {kind}" for kind in by_kind)
        + " |",
        "| --- | --- |" + " --- |" * len(by_kind),
    ]
    for quantity, (name, promised) in PROMISED.items():
        cells = [
            f"{row['share']:.1%} ({row['off']:+z.1f} SE)"
            for row in (held.loc[quantity] for held in by_kind.values())
        ]
        lines.append(f"| {name} | {promised:.0%} | {' | '.join(cells)} |")
    outside = [
        f"{PROMISED[quantity][0]}, parameters {kind} "
        f"({100 * (row['share'] - row['promised']):+.1f} percentage points)"
        for kind, held in by_kind.items()
        for quantity, row in held[held["off"].abs() > 2].iterrows()
    ]
    told = f"More than two standard errors off: {'; '.join(outside) or 'none'}."
    return "\n".join(lines) + "\n\n" + _lines(f"{_steady(worlds)} {told}")


def _steady(worlds: pd.DataFrame) -> str:
    told = []
    for kind, rows in worlds.groupby("parameters"):
        missed = rows["rises_true"] - rows["rises_drawn"]
        told.append(
            f"{missed.mean():.1f} (± {2 * missed.sem():.1f}) of {rows['rises_true'].mean():.1f} "
            f"steady rises are missed with parameters {kind}"
        )
    return (
        "SE: standard errors off the promise; binomial for the correlation, for all else from the "
        f"spread between worlds. On average {', '.join(told)}."
    )


def in_hand(figures: pd.DataFrame) -> str:
    """What data/README says of how much is known of 2020."""
    par, sipas = (facts.scores(figures, index, 2020) for index in facts.INDICES)
    scores = pd.DataFrame({"par": par["score"], "sipas": sipas["score"]}).dropna()
    ranks = pd.DataFrame({"par": par["rank"], "sipas": sipas["rank"]}).dropna()
    return _lines(
        f"For 2020 a PAR score is in hand for {par['score'].count()} of the 63 provinces and a "
        f"SIPAS score for {sipas['score'].count()}. The {len(scores)} with both scores correlate "
        f"at {scores['par'].corr(scores['sipas']):.2f} (Pearson); the {len(ranks)} with both "
        f"ranks at {ranks['par'].corr(ranks['sipas'], method='spearman'):.2f} (Spearman)."
    )


def blocks() -> dict[str, Callable[[], str]]:
    """What stands between the marks of each name; computed when it is asked for."""
    figures, folder = facts.load(), paths.outputs_dir() / "tables"

    def of_hidden(tell: Callable[[pd.DataFrame, pd.DataFrame], str]) -> str:
        return tell(over_seeds(pd.read_csv(STORED)), stored.hidden_scores(figures, folder))

    return {
        "hidden-scores": lambda: of_hidden(hidden_table),
        "hidden-scores-vi": lambda: of_hidden(hidden_table_vi),
        "held-out": lambda: held_out(stored.held_out(figures, folder)),
        "made-up-worlds": lambda: made_up_worlds(pd.read_csv(WORLDS)),
        "in-hand": lambda: in_hand(figures),
    }


def renewed(text: str, made: dict[str, Callable[[], str]]) -> str:
    """A document with what stands between marks of these names made anew."""

    def block(found: re.Match) -> str:
        indent, name = found[1], found[2]
        if name not in made:
            return found[0]
        content = "".join(f"{indent}{line}".rstrip() + "\n" for line in made[name]().splitlines())
        return f"{indent}<!-- figures: {name} -->\n{content}{indent}<!-- /figures -->"

    return BLOCK.sub(block, text)


class Examples(doctest.DocTestRunner):
    """Notes what each example gives, instead of telling where it is not what the document says."""

    def __init__(self) -> None:
        super().__init__(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
        self.gave: list[tuple[doctest.Example, str]] = []

    def report_failure(self, out, test, example, got) -> None:
        self.gave.append((example, got))

    def report_unexpected_exception(self, out, test, example, exc_info) -> None:
        raise exc_info[1]


def examples_renewed(text: str, name: str) -> str:
    """A document whose examples say what they give; raises what an example raises."""
    runner = Examples()
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    runner.run(test, out=lambda _: None)
    lines = text.splitlines(keepends=True)
    for example, got in reversed(runner.gave):
        start = example.lineno + example.source.count("\n")
        lines[start : start + example.want.count("\n")] = [
            line.rstrip() + "\n" for line in got.splitlines()
        ]
    return "".join(lines)


def documents() -> list[Path]:
    """Documents that may hold such numbers."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/*.md")])


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["quick"]):
        sys.exit("python tools/renew_docs.py [quick]")
    stored.renew(facts.load())
    if not sys.argv[1:]:
        hide_anew(facts.load()).round(6).to_csv(STORED, index=False, lineterminator="\n")
    made = blocks()
    for path in documents():
        before = path.read_text(encoding="utf-8")
        after = renewed(before, made)
        if path.parent.name == "docs":
            after = examples_renewed(after, path.name)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
            print(f"renewed {path.relative_to(ROOT)}")
