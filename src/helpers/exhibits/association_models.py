"""Exhibits of "Are people more satisfied where reform scores higher?": coefficients and models."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import association, charts, facts, page, wording
from helpers.charts.association import interval
from helpers.exhibits.association import correlation
from helpers.language import N_, _, ngettext
from helpers.tables import typeset

METHOD = {"pearson": "Pearson", "spearman": "Spearman", "kendall": "Kendall (tau-b)"}
DEFINITION = {
    "whole": N_("PAR INDEX and SIPAS"),
    "rest": N_("PAR INDEX less satisfaction points, and SIPAS"),
    "ranks": N_("Ranks in PAR INDEX and in SIPAS"),
}
MODEL = {
    "ols": N_("Least squares (OLS), HC3 errors"),
    "without_influential": N_("OLS without influential provinces"),
    "huber": N_("Huber's robust regression"),
    "regions": N_("OLS with region effects"),
}
REGIME = {first: f"{first}–{last}" for first, last in association.REGIMES}


# --- three coefficients, eight years -----------------------------------------------------------


def _correlation_columns() -> dict[str, str]:
    return {
        "method_name": _("Coefficient"),
        "n": "n",
        "r_text": _("Value"),
        "fisher": _("95%, Fisher z"),
        "boot": _("95%, BCa bootstrap"),
    }


def methods_table(found: dict) -> GT:
    """Pearson, Spearman and Kendall of the year, with both kinds of intervals."""
    rows = found["of_year"].copy()
    rows["name"] = [_(DEFINITION[definition]) for definition in rows["definition"]]
    rows["method_name"] = rows["method"].map(METHOD)
    rows["r_text"] = [wording.with_minus(value) for value in rows["r"]]
    rows["fisher"] = _intervals(rows, "low", "high")
    rows["boot"] = _intervals(rows, "boot_low", "boot_high")
    return typeset(
        rows,
        _correlation_columns(),
        title=_("Three coefficients of correlation for {year}, from published figures").format(
            year=found["year"]
        ),
        decimals={"n": 0},
        right=("r_text", "fisher", "boot"),
        groups="name",
        notes=(
            _(
                "BCa bootstrap: {resamples} resamples of the provinces; takes at least "
                "{for_bootstrap} pairs. A coefficient takes at least {least} pairs. With a small "
                "n, Fisher's z interval leans on a bivariate normal distribution and is usually "
                "narrower."
            ).format(
                resamples=wording.whole(association.RESAMPLES),
                for_bootstrap=wording.whole(association.LEAST_FOR_BOOTSTRAP),
                least=wording.whole(association.LEAST),
            ),
        ),
    )


def _intervals(rows: pd.DataFrame, low: str, high: str) -> list[str]:
    ends = zip(rows[low], rows[high], strict=True)
    return [wording.MISSING if pd.isna(a) else interval(a, b) for a, b in ends]


def forest_of_definitions(found: dict) -> HTML:
    """The correlation of the year by definition: published, over all, corrected."""
    frame = _forest_frame(_published_rows(found) + _rows_over_all(found))
    known = frame["r"].dropna()
    finding = (
        _(
            "How much does the correlation change with the way it is computed? From {low} to {high}"
        ).format(low=wording.with_minus(known.min()), high=wording.with_minus(known.max()))
        if len(known)
        else _(
            "How much does the correlation change with the way it is computed? Too few pairs to "
            "tell"
        )
    )
    return page.chart(
        charts.forest(frame),
        finding,
        _("Correlation between reform and satisfaction, {year}").format(year=found["year"]),
        _definitions_alt(frame, found["year"]),
    )


def _published_rows(found: dict) -> list[dict]:
    group = _("Published pairs")
    rows = [
        {"group": group, "label": label, **correlation(found, definition, method)}
        for label, definition, method in (
            (_("PAR INDEX (Pearson)"), "whole", "pearson"),
            (_("less satisfaction points (Pearson)"), "rest", "pearson"),
            (_("less satisfaction points (Spearman)"), "rest", "spearman"),
            (_("ranks (Spearman)"), "ranks", "spearman"),
        )
    ]
    made = found["corrected"]
    if made is not None and pd.notna(made["corrected"]):
        label = _("less satisfaction points, corrected for error")
        value = min(made["corrected"], 1.0)
        ends = {"boot_low": made["low"], "boot_high": made["high"]}
        rows.append({"group": group, "label": label, "n": made["n"], "r": value, **ends})
    return rows


def _rows_over_all(found: dict) -> list[dict]:
    if found["whole"] is None:
        return []
    group = _("All {n} provinces (estimated; tables independent: a low mark)").format(
        n=wording.whole(found["whole"]["n"])
    )
    return [
        {"group": group, "label": label, **found[key][["n", "r", "low", "high"]]}
        for label, key in (
            (_("PAR INDEX (Pearson)"), "whole"),
            (_("less satisfaction points (Pearson)"), "rest"),
            (_("ranks (Spearman)"), "ranks_over_all"),
        )
    ]


def _definitions_alt(frame: pd.DataFrame, year: int) -> str:
    known = frame.dropna(subset="r").reset_index(drop=True)
    if known.empty:
        return _("No coefficient could be computed for {year}: too few pairs.").format(year=year)
    first, last = (known.loc[at] for at in (known["r"].idxmax(), known["r"].idxmin()))
    low = known["low"].fillna(known["boot_low"])
    return _(
        "{n} coefficients of correlation between reform and satisfaction in {year}, with their 95% "
        "intervals. The largest is {largest} ({largest_group}: {largest_label}), the "
        "smallest {smallest} ({smallest_group}: {smallest_label}). Intervals wholly above 0: "
        "{above}."
    ).format(
        year=year,
        n=wording.whole(len(known)),
        largest=wording.with_minus(first["r"]),
        largest_group=first["group"],
        largest_label=first["label"],
        smallest=wording.with_minus(last["r"]),
        smallest_group=last["group"],
        smallest_label=last["label"],
        above=wording.whole((low > 0).sum()),
    )


def forest_of_years(rows: pd.DataFrame) -> HTML:
    """The correlation of each year apart, before and since the new survey.

    Parameters
    ----------
    rows : DataFrame
        As given by `helpers.association.by_year`.
    """
    names = {
        (0, "rest"): _("2017–2021, less satisfaction points (Pearson)"),
        (0, "ranks"): _("2017–2021, ranks (Spearman)"),
        (1, "rest"): _("From 2022: new survey, less satisfaction points (Pearson)"),
        (1, "ranks"): _("From 2022: new survey, ranks (Spearman)"),
    }
    methods = {"rest": "pearson", "ranks": "spearman"}
    chosen = rows[[methods.get(row.definition) == row.method for row in rows.itertuples()]]
    made = [
        {"group": names[row["regime"], row["definition"]], "label": str(row["year"]), **row}
        for row in chosen.to_dict("records")
    ]
    frame = _forest_frame(made)
    frame = frame.sort_values(
        "group", key=lambda column: column.map(list(names.values()).index), kind="stable"
    )
    sure = frame[(frame["definition"] == "rest") & ~frame["faint"] & frame["r"].notna()]
    above = int((sure["low"] > 0).sum())
    return page.chart(
        charts.forest(frame),
        _(
            "Is it the same every year? In {above} of {years} years with at least {least} pairs "
            "of scores the 95% interval lies above 0"
        ).format(
            above=wording.whole(above),
            years=wording.whole(len(sure)),
            least=wording.whole(association.LEAST_FOR_BOOTSTRAP),
        ),
        _(
            "Each year by itself on its published pairs, less satisfaction points or by ranks; the "
            "survey changed in 2022, and the two periods are never put together; hollow: fewer "
            "than {least} pairs"
        ).format(least=wording.whole(association.LEAST_FOR_BOOTSTRAP)),
        _years_alt(frame),
    )


def _years_alt(frame: pd.DataFrame) -> str:
    texts = []
    for group, rows in frame.dropna(subset="r").groupby("group", sort=False):
        first, last = rows.loc[rows["r"].idxmin()], rows.loc[rows["r"].idxmax()]
        texts.append(
            _("{group}: from {low} ({low_year}) to {high} ({high_year})").format(
                group=group,
                low=wording.with_minus(first["r"]),
                low_year=first["label"],
                high=wording.with_minus(last["r"]),
                high_year=last["label"],
            )
        )
    return _("{n} coefficients of correlation by year, with their 95% intervals. {groups}.").format(
        n=wording.whole(frame["r"].notna().sum()), groups="; ".join(texts)
    )


def years_table(rows: pd.DataFrame) -> GT:
    """Every year apart: three coefficients with both intervals, PAR less its satisfaction points.

    Parameters
    ----------
    rows : DataFrame
        As given by `helpers.association.by_year`.
    """
    rows = rows[rows["definition"] == "rest"]
    few = rows["r"].isna()
    rows = rows[~few | ~rows.duplicated(["year", "definition"])].reset_index(drop=True)
    few = rows["r"].isna()
    rows["method_name"] = rows["method"].map(METHOD).mask(few, _("too few pairs"))
    rows["r_text"] = [wording.with_minus(value) for value in rows["r"]]
    rows["fisher"] = _intervals(rows, "low", "high")
    rows["boot"] = _intervals(rows, "boot_low", "boot_high")
    survey = {0: _("{year} (old survey)"), 1: _("{year} (new survey from 2022)")}
    rows["group"] = [survey[row.regime].format(year=row.year) for row in rows.itertuples()]
    return typeset(
        rows,
        _correlation_columns(),
        title=_("Year by year: three coefficients, from the published pairs of scores"),
        subtitle=_(
            "PAR INDEX less satisfaction points, and SIPAS; years before and from 2022 are not put "
            "together"
        ),
        decimals={"n": 0},
        right=("r_text", "fisher", "boot"),
        groups="group",
    )


def _forest_frame(rows: list[dict]) -> pd.DataFrame:
    columns = ["definition", "boot_low", "boot_high"]
    frame = pd.DataFrame(rows)
    frame = frame.reindex(columns=list(dict.fromkeys([*frame.columns, *columns])))
    faint = frame["n"] < association.LEAST_FOR_BOOTSTRAP
    return frame.assign(faint=faint, words=_("too few pairs"))


# --- the line within a year --------------------------------------------------------------------


def too_few(found: dict) -> str:
    """Say that there are too few pairs for a line."""
    n = len(found["pairs"])
    return ngettext(
        "For {year} there is only {n} pair of scores: too few for a regression line.",
        "For {year} there are only {n} pairs of scores: too few for a regression line.",
        n,
    ).format(year=found["year"], n=wording.whole(n))


def slopes_table(found: dict) -> GT | HTML:
    """Slope of SIPAS on reform by four models, with what is left of the degrees of freedom."""
    if found["slopes"] is None:
        return page.paragraphs(too_few(found))
    rows = found["slopes"].rename_axis("model").reset_index()
    rows["name"] = [_(MODEL[model]) for model in rows["model"]]
    rows["interval"] = [
        _(note) or interval(low, high)
        for note, low, high in zip(rows["note"], rows["low"], rows["high"], strict=True)
    ]
    return typeset(
        rows,
        {
            "name": _("Model"),
            "slope": _("Slope"),
            "interval": _("95% interval"),
            "n": "n",
            "dof": _("Degrees of freedom left"),
            "r2": "R²",
        },
        title=_("How much higher is SIPAS where reform scores one point higher? {year}").format(
            year=found["year"]
        ),
        subtitle=_(
            "Percentage points of SIPAS per point of PAR INDEX less satisfaction points; provinces "
            "compared with one another"
        ),
        decimals={"slope": 2, "n": 0, "dof": 0, "r2": 2},
        right=("interval",),
        notes=(_regions_note(found),),
    )


def _regions_note(found: dict) -> str:
    """What the region effects cost."""
    regions = found["slopes"].loc["regions"]
    dof = int(regions["dof"])
    numbers = {"used": wording.whole(regions["n"] - dof - 1), "dof": wording.whole(dof)}
    texts = [
        _(
            "Degrees of freedom that the intercepts of the regions, in place of the common "
            "one, use up: {used}; left: {dof}."
        ).format(**numbers)
    ]
    left = len(found["pairs"]) - int(regions["n"])
    if left:
        texts.append(
            ngettext(
                "They leave out {n} province that stands alone in its region.",
                "They leave out {n} provinces that stand alone in their regions.",
                left,
            ).format(n=wording.whole(left))
        )
    wider = _width(regions) / _width(found["slopes"].loc["ols"])
    if pd.notna(wider):
        texts.append(
            _("Their 95% interval is {times} times as wide as that of OLS.").format(
                times=wording.number(wider, 1)
            )
        )
    return " ".join(texts)


def _width(row: pd.Series) -> float:
    return float(row["high"] - row["low"])


def influence_chart(found: dict) -> HTML:
    """Which provinces carry the line."""
    if found["influence"] is None:
        return page.paragraphs()
    influence = found["influence"]
    strong = list(influence.index[influence["influential"]])
    far = list(influence.index[influence["far"]])
    message = {
        (True, True): _(
            "Which provinces carry the line? Above Cook's limit of 4/n: {strong}; high leverage: "
            "{far}"
        ),
        (True, False): _("Which provinces carry the line? Above Cook's limit of 4/n: {strong}"),
        (False, True): _(
            "Which provinces carry the line? None above Cook's limit of 4/n; high leverage: {far}"
        ),
        (False, False): _("Which provinces carry the line? None above Cook's limit of 4/n"),
    }[bool(strong), bool(far)]
    return page.chart(
        charts.influence(influence),
        message.format(strong=wording.names(strong), far=wording.names(far)),
        _(
            "Area: Cook's distance; vertical line: leverage of 4/n; horizontal lines: residuals "
            "of ±2"
        ),
        _influence_alt(influence),
    )


def _influence_alt(influence: pd.DataFrame) -> str:
    first = [
        _(
            "{unit} with a Cook's distance of {cooks} (leverage {leverage}, residual {residual})"
        ).format(
            unit=unit,
            cooks=wording.number(row["cooks"]),
            leverage=wording.number(row["leverage"]),
            residual=wording.with_minus(row["student"]),
        )
        for unit, row in influence.head(2).iterrows()
    ]
    return _(
        "Leverage and studentised residual of {n} provinces in the line. First come {first}. The "
        "limit 4/n is {limit}."
    ).format(
        n=wording.whole(len(influence)),
        first=wording.names(first),
        limit=wording.number(4 / len(influence)),
    )


def residual_chart(found: dict) -> HTML:
    """Who is more satisfied than reform predicts."""
    if found["residuals"] is None:
        return page.paragraphs()
    made = found["residuals"]
    outside = list(made.index[made["outside"]])
    finding = (
        _("Who is more satisfied than reform predicts? Outside the 95% interval: {names}").format(
            names=wording.names(outside)
        )
        if outside
        else _(
            "Who is more satisfied than reform predicts? No province is off by more than the 95% "
            "interval"
        )
    )
    return page.chart(
        charts.residual_ranking(made),
        finding,
        _(
            "Year {year}; predicted by the line of the {n} other provinces; by chance alone "
            "{expected} would lie outside on average"
        ).format(
            year=found["year"],
            n=wording.whole(len(made) - 1),
            expected=wording.number(0.05 * len(made), 1),
        ),
        _residual_alt(made),
    )


def _residual_alt(made: pd.DataFrame) -> str:
    first, last = made.iloc[0], made.iloc[-1]
    return _(
        "{n} provinces in order of published less predicted SIPAS: from {first} at {high} "
        "percentage points to {last} at {low}. Above 0: {above}; with an interval that leaves out "
        "0: {outside}."
    ).format(
        n=wording.whole(len(made)),
        first=first.name,
        high=wording.signed(first["residual"]),
        last=last.name,
        low=wording.signed(last["residual"]),
        above=wording.whole((made["residual"] > 0).sum()),
        outside=wording.whole(made["outside"].sum()),
    )


# --- several years, blocks, ministries ---------------------------------------------------------


def panel(figures: pd.DataFrame, schemes: pd.DataFrame) -> dict[str, dict]:
    """Within-between models and lags of both regimes, by the name of the regime."""
    made = {}
    for first, last in association.REGIMES:
        rows = association.stack(figures, schemes, range(first, last + 1))
        made[REGIME[first]] = {
            "slopes": association.within_between(rows),
            "lags": association.lags(rows),
        }
    return made


TERM = {
    "within": N_("Within a province, over the years (mixed model)"),
    "between": N_("Between provinces (mixed model)"),
    "fixed_effects": N_("Within a province (fixed effects, for comparison)"),
}
DIRECTION = {
    "reform_first": N_("SIPAS a year later, by the reform score of the year before"),
    "satisfaction_first": N_("Reform score a year later, by SIPAS of the year before"),
}


def _slope_rows(made: dict, kind: str, names: dict) -> pd.DataFrame:
    frames = [
        of[kind].assign(regime=regime).rename_axis("term").reset_index()
        for regime, of in made.items()
    ]
    rows = pd.concat(frames, ignore_index=True)
    rows["name"] = [_(names[term]) for term in rows["term"]]
    rows["interval"] = _intervals(rows, "low", "high")
    rows["slope_text"] = [wording.with_minus(float(value)) for value in rows["slope"]]
    return rows


def panel_table(made: dict) -> GT:
    """Does a province's satisfaction move when its score moves? Each regime by itself."""
    rows = _slope_rows(made, "slopes", TERM)
    notes = [_convergence(regime, of["slopes"]) for regime, of in made.items()]
    return typeset(
        rows,
        {
            "name": _("Slope"),
            "slope_text": _("Value"),
            "interval": _("95% interval"),
            "n": "n",
            "provinces": _("Provinces"),
            "repeated": _("With 2 years or more"),
        },
        title=_("When a province's reform score changes, does SIPAS there change with it?"),
        subtitle=_(
            "Percentage points of SIPAS per point of PAR INDEX less satisfaction points, both less "
            "the national mean of their year"
        ),
        decimals={"n": 0, "provinces": 0, "repeated": 0},
        right=("slope_text", "interval"),
        groups="regime",
        notes=(
            *notes,
            _(
                "The slope within a province rests only on those with published pairs of two years "
                "or more; these can show a strong link, but cannot rule out a weak one."
            ),
        ),
    )


def _convergence(regime: str, slopes: pd.DataFrame) -> str:
    row = slopes.loc["within"]
    if pd.isna(row["slope"]):
        return ngettext(
            "{regime}: only {n} province has two years or more, no estimate.",
            "{regime}: only {n} provinces have two years or more, no estimate.",
            int(row["repeated"]),
        ).format(regime=regime, n=wording.whole(row["repeated"]))
    texts = [
        _("{regime}: the mixed model converged.")
        if row["converged"]
        else _("{regime}: the mixed model did NOT converge.")
    ]
    if row["boundary"]:
        texts.append(_("The variance between provinces is 0 (at its boundary)."))
    if row["messages"]:
        texts.append(_("The software reports: {messages}."))
    return " ".join(texts).format(regime=regime, messages=row["messages"])


def lags_table(made: dict) -> GT:
    """Which goes first, as far as a dozen rows can tell."""
    return typeset(
        _slope_rows(made, "lags", DIRECTION),
        {
            "name": _("Direction in time"),
            "slope_text": _("Slope"),
            "interval": _("95% interval"),
            "n": "n",
            "provinces": _("Provinces"),
        },
        title=_("Which index goes first? A lag of one year, both ways"),
        subtitle=_("Given the index's own value of the year before; errors clustered by province"),
        decimals={"n": 0, "provinces": 0},
        right=("slope_text", "interval"),
        groups="regime",
        notes=(
            _(
                "With so few pairs of years, clustered intervals tend to be too narrow, and a few "
                "provinces could turn the result round: the table is for information only and "
                "cannot tell which index goes first."
            ),
        ),
    )


def blocks_table(figures: pd.DataFrame, schemes: pd.DataFrame, year: int) -> GT | HTML:
    """Which part of PAR goes with satisfaction: a description of those published."""
    rows = association.describe(figures, schemes, association.YEARS)
    if rows.empty:
        return page.paragraphs(_("No parts are known to have been published along with SIPAS."))
    few = rows[rows["pearson"].isna()]
    rows = rows[rows["pearson"].notna()]
    if rows.empty:
        return page.paragraphs(_too_few_blocks(few))
    rows = rows.sort_values(
        "year", key=lambda years: (years != year) * 10000 - years, kind="stable"
    )
    rows["name"] = [wording.part(part) for part in rows["part"]]
    rows["year_text"] = rows["year"].astype(str)
    for method in ("pearson", "spearman"):
        rows[method] = [wording.with_minus(r) for r in rows[method]]
    rows["interval"] = _intervals(rows, "low", "high")
    return typeset(
        rows,
        {
            "name": _("Part"),
            "n": "n",
            "pearson": "Pearson",
            "interval": _("95%, Fisher z"),
            "spearman": "Spearman",
        },
        title=_("Which part of the PAR INDEX goes with satisfaction, where published?"),
        decimals={"n": 0},
        right=("pearson", "interval", "spearman"),
        groups="year_text",
        notes=(
            *_blocks_notes(figures, schemes, rows),
            *([_too_few_blocks(few)] if len(few) else []),
        ),
    )


def _blocks_notes(figures: pd.DataFrame, schemes: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """Say of whom the figures of each year tell, and how little."""
    notes = [_("This describes the provinces that were published, not all of them.")]
    for year, n in rows.groupby("year")["n"].max().items():
        units = association.with_satisfaction(figures, schemes, year).index
        ranks = facts.scores(figures, "PAR", year)["rank"].reindex(units)
        if ranks.le(n).all():
            notes.append(
                _(
                    "The {n} provinces of {year} are the top {n} of the PAR INDEX, so that a high "
                    "score in one part tends to make up for a low one in another."
                ).format(n=wording.whole(n), year=year)
            )
        notes.append(
            _(
                "n = {n} in {year} is too small to rank the parts: the intervals are wide and "
                "overlap."
            ).format(n=wording.whole(n), year=year)
        )
    return [" ".join(notes)]


def _too_few_blocks(few: pd.DataFrame) -> str:
    most = int(few["n"].max())
    return ngettext(
        "Not computed, as no part has more than {most} province: {years}.",
        "Not computed, as no part has more than {most} provinces: {years}.",
        most,
    ).format(
        most=wording.whole(most),
        years=wording.names([str(year) for year in few["year"].unique()]),
    )


def ministries(figures: pd.DataFrame, year: int) -> HTML:
    """Ministries have no SIPAS."""
    scored = int(facts.scores(figures, "PAR", year, "ministry")["score"].notna().sum())
    return page.paragraphs(
        ngettext(
            "SIPAS does not measure ministries and ministerial agencies, so this question cannot "
            "be asked of them: for {year}, {n} ministry has a published PAR INDEX score, and none "
            "has a SIPAS.",
            "SIPAS does not measure ministries and ministerial agencies, so this question cannot "
            "be asked of them: for {year}, {n} ministries have a published PAR INDEX score, and "
            "none has a SIPAS.",
            scored,
        ).format(year=year, n=wording.whole(scored))
    )
