"""How far ranks hang on the weights of the scheme."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, national, page, ranking, wording
from helpers.exhibits.ranking.words import percent, short
from helpers.language import _, ngettext
from helpers.tables import typeset

# Ranks among fewer provinces than this say nothing.
ENOUGH = 3


def weights_table(figures: pd.DataFrame, year: int) -> GT | HTML:
    """How far ranks among the provinces with four published blocks hang on the weights."""
    points, schemes = national.blocks(figures, year), facts.schemes()
    if len(points) < ENOUGH:
        text = ngettext(
            "{year}: only {n} province has all four parts published, so the influence of the "
            "weights cannot be assessed.",
            "{year}: only {n} provinces have all four parts published, so the influence of the "
            "weights cannot be assessed.",
            len(points),
        )
        if points.empty:
            text = _(
                "{year}: no province has been found with all four parts published, so the "
                "influence of the weights cannot be assessed."
            )
        return page.paragraphs(text.format(year=year, n=len(points)))
    try:
        blocks, maxima = ranking.official_blocks(points, schemes, year)
    except ranking.RankingError:
        text = _(
            "The maximum points of each part for {year} have not been found published, so the "
            "influence of the weights cannot be assessed."
        )
        return page.paragraphs(text.format(year=year))
    others = _other_weights(schemes, year, blocks.columns, maxima)
    found = ranking.weight_sensitivity(blocks, maxima, others)
    return _weights(found, maxima, others, year)


def _other_weights(schemes: pd.DataFrame, year: int, blocks, maxima: pd.Series) -> dict:
    """Official weights of the schemes of other years, each scheme once."""
    made = {}
    for other in sorted(set(schemes["year_from"]) - {year}):
        try:
            weights = ranking.official_weights(schemes, other, blocks)
        except ranking.RankingError:
            continue
        if not weights.equals(maxima):
            made[str(other)] = weights
    return made


def _weights(found: pd.DataFrame, maxima: pd.Series, others: dict, year: int) -> GT:
    n, found = len(found), found.reset_index(names="unit")
    found["interval"] = [
        wording.between(low, high, 0)
        for low, high in zip(found["rank_low"], found["rank_high"], strict=True)
    ]
    found["same"] = found["same_rank"].map(percent)
    moves = int((found["rank_low"] < found["rank_high"]).sum())
    told = "; ".join(f"{wording.part(block)} {short(most)}" for block, most in maxima.items())
    scheme = _("Rank by the weights of {year}")
    columns = {
        "unit": _("Province or city"),
        "score": _("Total points {year}").format(year=year),
        "rank": _("Rank among {n}").format(n=n),
        "interval": _("95% interval with other weights"),
        "same": _("Probability of the same rank"),
        **{f"rank_{name}": scheme.format(year=name) for name in others},
    }
    title = _("{n}/{of} provinces may change PAR INDEX {year} rank with other weights")
    subtitle = _(
        "Estimated; ranked only among the {n} provinces with all four parts published, not among "
        "all"
    )
    note = _(
        "Official weights of {year} (maximum points): {weights}. Weights are drawn around them "
        "(Dirichlet distribution, concentration 100, assumed): a weight of 10% has a standard "
        "deviation of 3 percentage points. The interval tells of the weights only, not of the "
        "error of the surveys."
    )
    return typeset(
        found,
        columns,
        title=title.format(n=moves, of=n, year=year),
        subtitle=subtitle.format(n=n),
        decimals={"score": 2, "rank": 0} | {f"rank_{name}": 0 for name in others},
        right=("interval", "same"),
        notes=(note.format(year=year, weights=told),),
    )
