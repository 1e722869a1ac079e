"""Exhibits of "Are people more satisfied where reform scores higher?"."""

import numpy as np
import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import association, charts, facts, page, wording
from helpers.charts.association import interval
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.verdict import SIZES
from helpers.language import N_, _, ngettext
from helpers.ranking.survey import DESIGN_EFFECT
from helpers.tables import typeset


def heading(year: int) -> HTML:
    """Head of the page."""
    return page.title(
        _("Are people more satisfied where reform scores higher? {year}").format(year=year),
        _(
            "PAR INDEX and SIPAS of the provinces and cities: whether they go together, and how "
            "far the figures can tell"
        ),
    )


def study(
    figures: pd.DataFrame,
    schemes: pd.DataFrame,
    year: int,
    tables: dict[str, CompletedTables],
    people: float | None = None,
    design_effect: float = DESIGN_EFFECT,
) -> dict:
    """Compute once what several exhibits and the closing paragraph need.

    Parameters
    ----------
    tables : dict of CompletedTables
        By index; the correlation over all provinces is left out where one is missing.
    people : float, optional
        Respondents per province; an even share of the published national number when left out.
    design_effect : float
        Of the survey.

    Returns
    -------
    dict
        ``year, pairs, ranks, maximum, scheme_seen, of_year, apart, people, respondents,
        design_effect``; ``corrected, slopes, influence, residuals`` (None with too few pairs);
        ``whole, rest, sensitivity, bounds, reliability`` over completed tables (None without).
    """
    maximum, seen = association.satisfaction_maximum(schemes, year)
    pairs = association.score_pairs(figures, schemes, year)
    told = association.respondents(figures, year)
    if people is None and told is not None:
        people = float(told["per_province"])
    found = {
        "year": year,
        "pairs": pairs,
        "ranks": association.rank_pairs(figures, year),
        "maximum": maximum,
        "scheme_seen": seen,
        "of_year": association.of_year(figures, schemes, year),
        "apart": association.apart(figures, year),
        "people": people,
        "respondents": told,
        "design_effect": design_effect,
        "derivations": {
            index: facts.scores(figures, index, year)["score_derivation"] for index in facts.INDICES
        },
    }
    found |= dict.fromkeys(("corrected", "slopes", "influence", "residuals"))
    if association.enough(pairs):
        x, y = pairs["reform"], pairs["SIPAS"]
        if people is not None:
            found["corrected"] = association.corrected(x, y, people, design_effect)
        found["slopes"] = association.slopes(pairs)
        found["influence"] = association.influence(pairs)
        found["residuals"] = association.residuals(pairs)
    return found | _over_all(figures, year, tables, maximum, people, design_effect)


def _over_all(figures, year, tables, maximum, people, design_effect) -> dict:
    names = ("whole", "rest", "ranks_over_all", "sensitivity", "bounds", "reliability")
    if not set(facts.INDICES) <= set(tables):
        return dict.fromkeys(names)
    points = association.published_satisfaction(figures, year)
    both = (tables["PAR"], tables["SIPAS"], points, maximum)
    spread = tables["SIPAS"].estimate(
        lambda table: association.reliability(table["score"], people, design_effect)
    )
    return {
        "whole": association.pooled(*both, rest=False),
        "rest": association.pooled(*both),
        "ranks_over_all": association.pooled(*both, rest=False, method="spearman"),
        "sensitivity": association.sensitivity(*both),
        "bounds": association.bounds(*both),
        "reliability": float(spread["estimate"]),
    }


def correlation(found: dict, definition: str, method: str) -> pd.Series:
    """One row of ``found["of_year"]``."""
    rows = found["of_year"].set_index(["definition", "method"])
    return rows.loc[(definition, method)]


def told(row: pd.Series) -> str:
    """Write a correlation with its interval and n."""
    n = wording.whole(row["n"])
    if pd.isna(row["r"]):
        return ngettext(
            "not computed, only {n} pair", "not computed, only {n} pairs", int(row["n"])
        ).format(n=n)
    if pd.isna(row["low"]):
        return _("{r} (no interval; n = {n})").format(r=wording.with_minus(row["r"]), n=n)
    return _("{r} (95% interval: {interval}; n = {n})").format(
        r=wording.with_minus(row["r"]), interval=interval(row["low"], row["high"]), n=n
    )


# --- who gets reported -------------------------------------------------------------------------


def reported(found: dict) -> HTML:
    """The published pairs: of scores, of ranks, and of those whose scores were not both printed."""
    apart = found["apart"]
    texts = [
        _("Both scores published: {correlation}, Pearson's coefficient.").format(
            correlation=told(correlation(found, "whole", "pearson"))
        ),
        _("Both ranks published: {correlation}, Spearman's coefficient.").format(
            correlation=told(correlation(found, "ranks", "spearman"))
        ),
    ]
    if apart.at["without_scores", "n"]:
        groups = _(
            "Of those with both ranks, the ones with both scores as well: {with_scores}; the "
            "others: {without_scores}; Spearman's in both cases."
        ).format(
            with_scores=told(apart.loc["with_scores"]),
            without_scores=told(apart.loc["without_scores"]),
        )
        texts.append(f"{groups} {_difference(apart)}".strip())
    return page.points(texts)


def _difference(apart: pd.DataFrame) -> str:
    """Say whether those with both scores printed differ from those with both ranks only."""
    found = association.difference(apart.loc["with_scores"], apart.loc["without_scores"])
    if found.isna().any():
        return ""
    message = (
        _(
            "The difference is {difference} (95% interval: {interval}): with so few provinces, "
            "chance alone could bring it about."
        )
        if found["low"] <= 0 <= found["high"]
        else _(
            "The difference is {difference} (95% interval: {interval}): the figure depends on "
            "whose scores were printed in full."
        )
    )
    return message.format(
        difference=wording.with_minus(found["r"]), interval=interval(found["low"], found["high"])
    )


def range_note(found: dict, tables: dict[str, CompletedTables]) -> HTML:
    """Whether the published pairs spread wider than all provinces, and what that would explain."""
    row = correlation(found, "whole", "pearson")
    if pd.isna(row["r"]) or found["whole"] is None:
        return page.paragraphs()
    texts = []
    for index in facts.INDICES:
        sample = found["pairs"][index].std(ddof=1)
        everyone = tables[index].scores.std(axis=1, ddof=1).mean()
        fitted = association.range_corrected(row["r"], sample, everyone)
        texts.append(
            _(
                "{index}: standard deviation {sample} among the published pairs, {everyone} over "
                "all {n} provinces (estimated); corrected for range (Thorndike), the coefficient "
                "is {r}"
            ).format(
                index=wording.INDEX[index],
                sample=wording.number(sample),
                everyone=wording.number(everyone),
                n=_units(found),
                r=wording.with_minus(fitted),
            )
        )
    return page.paragraphs(
        _(
            "Is it because the published pairs spread wider? {by_index}. This correction holds "
            "only if publication depends on one of the two indices. If provinces that stand out in "
            "both are reported more fully, no correction of these pairs alone can mend it; that is "
            "why all {n} provinces have to be looked at."
        ).format(by_index="; ".join(texts), n=_units(found))
    )


def _units(found: dict) -> str:
    """How many provinces the completed tables have."""
    return wording.whole(found["whole"]["n"])


def pairs_table(found: dict, cite: Citations) -> GT | HTML:
    """Published pairs of the year, with the satisfaction points and what is left of PAR."""
    pairs = found["pairs"].reset_index()
    if pairs.empty:
        return page.paragraphs(
            _("No province is known to have had both scores published for {year}.").format(
                year=found["year"]
            )
        )
    pairs["cited"] = pairs["sources"].map(cite)
    pairs["points"] = [
        wording.number(value) + ("" if kind == "published" else " *")
        for value, kind in zip(pairs["satisfaction"], pairs["satisfaction_kind"], strict=True)
    ]
    for index in facts.INDICES:
        derivations = found["derivations"][index].reindex(pairs["unit"])
        pairs[f"{index}_text"] = wording.marked(pairs[index], derivations, wording.number)
    columns = {
        "unit": _("Province"),
        "PAR_text": "PAR INDEX",
        "SIPAS_text": "SIPAS (%)",
        "points": _("Satisfaction points within PAR"),
        "reform": _("PAR less satisfaction points (derived)"),
        "cited": _("Sources"),
    }
    return typeset(
        pairs,
        columns,
        title=ngettext(
            "{n} province with both scores published or derived for {year}",
            "{n} provinces with both scores published or derived for {year}",
            len(pairs),
        ).format(n=wording.whole(len(pairs)), year=found["year"]),
        subtitle=_("Unit: points; SIPAS: %"),
        decimals={"reform": 2},
        right=("PAR_text", "SIPAS_text", "points"),
        raw=("cited",),
        notes=(
            wording.derived_note(),
            _(
                "Satisfaction points marked *: {maximum}% of SIPAS, as no published points of this "
                "part were found."
            ).format(maximum=wording.whole(found["maximum"])),
        ),
    )


def scatter(found: dict, tables: dict[str, CompletedTables]) -> HTML:
    """The scatter with the uncertainty of both indices, the fitted line and named outliers."""
    pairs = found["pairs"]
    if pairs.empty:
        return page.paragraphs()
    noise = association.sampling_variance(pairs["SIPAS"], found["people"], found["design_effect"])
    reach = 1.96 * np.sqrt(noise)
    frame = pd.DataFrame({"x": pairs["reform"], "y": pairs["SIPAS"], "kind": _kinds(found)})
    frame = frame.assign(x_low=np.nan, x_high=np.nan)
    frame = frame.assign(y_low=frame["y"] - reach, y_high=frame["y"] + reach)
    rest = _half_known(found, tables)
    line = association.line(pairs) if found["slopes"] is not None else None
    ax = charts.uncertain_scatter(
        pd.concat([rest, frame]),
        line,
        () if found["influence"] is None else tuple(_outliers(found)),
        xlabel=_("PAR INDEX less satisfaction points (points)"),
        ylabel="SIPAS (%)",
    )
    return page.chart(
        ax,
        _scatter_finding(found),
        _scatter_key(found, len(rest)),
        _scatter_alt(found, len(rest)),
    )


def _kinds(found: dict) -> pd.Series:
    """Say of each pair whether both scores are published or one of them is derived."""
    texts = pd.DataFrame(found["derivations"]).reindex(found["pairs"].index).fillna("")
    derived = texts.map(facts.kind).eq("derived").any(axis=1)
    return derived.map({True: "derived", False: "published"})


def _scatter_finding(found: dict) -> str:
    n = wording.whole(len(found["pairs"]))
    if not association.enough(found["pairs"]):
        return ngettext(
            "For {year} there is only {n} published pair, too few to show a direction",
            "For {year} there are only {n} published pairs, too few to show a direction",
            len(found["pairs"]),
        ).format(year=found["year"], n=n)
    return _(
        "Are people more satisfied where reform scores higher? r = {r} over {n} published pairs"
    ).format(r=wording.with_minus(correlation(found, "rest", "pearson")["r"]), n=n)


def _scatter_key(found: dict, half_known: int) -> str:
    texts = [_("Year {year}").format(year=found["year"])]
    if half_known:
        texts.append(
            ngettext(
                "hollow: the {n} province with only one of the two scores published",
                "hollow: the {n} provinces with only one of the two scores published",
                half_known,
            ).format(n=wording.whole(half_known))
        )
    if found["slopes"] is not None:
        texts.append(_("bold: furthest off or most influential"))
        texts.append(_("band: 95% interval of the line"))
    return "; ".join(texts)


def _scatter_alt(found: dict, half_known: int) -> str:
    pairs = found["pairs"]
    ends = {"x": pairs["reform"], "y": pairs["SIPAS"]}
    told_ends = {
        f"{axis}_{end}": f"{wording.number(values.agg(end))} ({getattr(values, f'idx{end}')()})"
        for axis, values in ends.items()
        for end in ("min", "max")
    }
    texts = [
        ngettext(
            "Scatter plot for {year}: {n} province with both scores published.",
            "Scatter plot for {year}: {n} provinces with both scores published.",
            len(pairs),
        ).format(year=found["year"], n=wording.whole(len(pairs))),
        _(
            "PAR INDEX less satisfaction points runs from {x_min} to {x_max}, SIPAS in % from "
            "{y_min} to {y_max}."
        ).format(**told_ends),
    ]
    if found["slopes"] is not None:
        row = found["slopes"].loc["ols"]
        texts.append(
            _(
                "The slope of the fitted line is {slope} percentage points of SIPAS per point "
                "(95% interval: {interval})."
            ).format(
                slope=wording.with_minus(row["slope"]), interval=interval(row["low"], row["high"])
            )
        )
    if half_known:
        texts.append(
            ngettext(
                "Hollow with intervals: {n} province with one of the two scores estimated.",
                "Hollow with intervals: {n} provinces with one of the two scores estimated.",
                half_known,
            ).format(n=wording.whole(half_known))
        )
    return " ".join(texts)


def _outliers(found: dict) -> list[str]:
    influence = found["influence"]
    far = found["residuals"]["residual"].abs().sort_values(ascending=False)
    chosen = [*influence.index[influence["influential"]], *far.index[:3]]
    return list(dict.fromkeys(chosen))


def _half_known(found: dict, tables: dict[str, CompletedTables]) -> pd.DataFrame:
    """Provinces with one of the two scores published: medians and 90% intervals of both."""
    if found["whole"] is None:
        return pd.DataFrame()
    par, sipas = (tables[index] for index in facts.INDICES)
    known = [side.status["score_status"] != "estimated" for side in (par, sipas)]
    chosen = list(par.scores.columns[(known[0] ^ known[1]).to_numpy()])
    reform = par.scores[chosen] - sipas.scores[chosen] * found["maximum"] / 100
    cuts = {}
    for name, values in (("x", reform), ("y", sipas.scores[chosen])):
        for end, level in (("", 0.5), ("_low", 0.05), ("_high", 0.95)):
            cuts[name + end] = values.quantile(level)
    return pd.DataFrame(cuts).assign(kind="estimated")


def over_all(found: dict) -> HTML:
    """Correlation over all provinces, and why it differs from the published pairs."""
    if found["whole"] is None:
        return page.paragraphs(
            _(
                "For {year} too few figures are published to complete the tables of both indices, "
                "so that the correlation over the whole country cannot be estimated."
            ).format(year=found["year"])
        )
    whole, rest, bounds = found["whole"], found["rest"], found["bounds"]
    n = _units(found)
    return page.points(
        [
            _(
                "Over {n} provinces, {draws} completed tables combined by Rubin's rules give "
                "{whole} for PAR INDEX and SIPAS, {rest} less satisfaction points, and {ranks} by "
                "ranks (Spearman)."
            ).format(
                n=n,
                draws=wording.whole(whole["draws"]),
                whole=_pooled(whole),
                rest=_pooled(rest),
                ranks=_pooled(found["ranks_over_all"]),
            ),
            _(
                "For these {n} provinces as they are, only what was not published is uncertain: "
                "95% of the completed tables give a coefficient of {interval} (less satisfaction "
                "points). What was not published makes up {share}% of the variance of the combined "
                "estimate."
            ).format(
                n=n,
                interval=interval(rest["draws_low"], rest["draws_high"]),
                share=wording.whole(100 * rest["missing"]),
            ),
            _(
                "<b>Why does it differ from the published pairs?</b> The table of PAR INDEX and "
                "that of SIPAS are completed <b>independently of each other</b>. For a province "
                "with one or both figures estimated, the two estimates carry no link, so that the "
                "combined coefficient is drawn towards 0 by the way it is made. It is a low mark, "
                "right if the unpublished provinces show no link at all, and no evidence that the "
                "link is weak. Taking satisfaction points off a table that is independent of SIPAS "
                "draws it further down."
            ),
            _(
                "Limits: with every published figure kept, and the other provinces placed so that "
                "the coefficient is lowest or highest, it runs from {interval} (less satisfaction "
                "points). That is what the published figures alone, without an assumption, allow "
                "to be said; as the search goes step by step, the true range may be wider still."
            ).format(interval=interval(bounds["low"], bounds["high"])),
        ]
    )


def _pooled(row: pd.Series) -> str:
    return _("{r} (95% interval: {interval})").format(
        r=wording.with_minus(row["r"]), interval=interval(row["low"], row["high"])
    )


def sensitivity_chart(found: dict) -> HTML:
    """How the answer moves with what is assumed of the unpublished provinces."""
    if found["sensitivity"] is None:
        return page.paragraphs()
    marks = {}
    for key, message in (
        ("all", _("as all published pairs of ranks: {r}")),
        ("without_scores", _("as the pairs with ranks only: {r}")),
    ):
        value = found["apart"].at[key, "r"]
        if pd.notna(value) and abs(value) < 0.8:
            marks[message.format(r=wording.with_minus(value))] = value
    ax = charts.sensitivity(found["sensitivity"], found["bounds"], marks)
    r = found["sensitivity"]["r"]
    return page.chart(
        ax,
        _(
            "How much does the answer depend on the unpublished provinces? The coefficient runs "
            "from {first} (rho = {first_rho}) to {last} (rho = {last_rho})"
        ).format(
            first=wording.with_minus(r.iloc[0]),
            first_rho=wording.with_minus(r.index[0], 1),
            last=wording.with_minus(r.iloc[-1]),
            last_rho=wording.with_minus(r.index[-1], 1),
        ),
        _(
            "PAR INDEX less satisfaction points, and SIPAS, {year}, {n} provinces; light band: "
            "combined 95% interval; dark band: due to what was not published alone; grey: limits "
            "found; rho = 0: tables completed independently"
        ).format(year=found["year"], n=_units(found)),
        _sensitivity_alt(found),
    )


def _sensitivity_alt(found: dict) -> str:
    curve, bounds = found["sensitivity"], found["bounds"]
    chosen = curve.loc[list(dict.fromkeys([curve.index[0], 0.0, curve.index[-1]]))]
    points = [
        _("{r} at rho = {rho} (95% interval: {interval})").format(
            r=wording.with_minus(row["r"]),
            rho=wording.with_minus(rho, 1),
            interval=interval(row["low"], row["high"]),
        )
        for rho, row in chosen.iterrows()
    ]
    return _(
        "Curve of the correlation over {n} provinces against the correlation assumed among the "
        "unpublished ones: {points}. The published figures leave values at least from {bounds} "
        "possible."
    ).format(
        n=_units(found),
        points="; ".join(points),
        bounds=interval(bounds["low"], bounds["high"]),
    )


# --- a part in the whole -----------------------------------------------------------------------


def part_in_whole(found: dict) -> HTML:
    """PAR holds SIPAS: the correlation with and without these points, and the closed formula."""
    maximum = wording.whole(found["maximum"])
    message = (
        _(
            "SIPAS brings at most {maximum} of the 100 points of the PAR INDEX (by the scheme of "
            "that year)."
        )
        if found["scheme_seen"]
        else _(
            "SIPAS brings at most {maximum} of the 100 points of the PAR INDEX (the usual number, "
            "no document of that year was found)."
        )
    )
    texts = [message.format(maximum=maximum)]
    whole, rest = (correlation(found, name, "pearson") for name in ("whole", "rest"))
    if pd.notna(whole["r"]):
        kinds = found["pairs"]["satisfaction_kind"]
        check = association.part_whole(
            whole["r"],
            found["pairs"]["SIPAS"].std() * found["maximum"] / 100,
            found["pairs"]["PAR"].std(),
        )
        texts.append(
            _(
                "With the satisfaction points: {whole}. Without them: {rest}; provinces with "
                "published points of this part: {published}, with {maximum}% of SIPAS in their "
                "place: {derived}. Closed formula (if every province had {maximum}% of SIPAS): "
                "{check}."
            ).format(
                whole=told(whole),
                rest=told(rest),
                published=wording.whole((kinds == "published").sum()),
                derived=wording.whole((kinds == "derived").sum()),
                maximum=maximum,
                check=wording.with_minus(check),
            )
        )
    return page.points(texts)


def stand_in_table(figures: pd.DataFrame, schemes: pd.DataFrame, year: int) -> GT:
    """How good SIPAS times its maximum is where the points themselves are published too."""
    errors = association.stand_in(figures, schemes)
    rows = [_stand_in_row(_("All years"), errors)]
    of_year = errors[errors["year"] == year]
    # A standard deviation takes two.
    if len(of_year) > 1:
        rows.append(_stand_in_row(_("{year} alone").format(year=year), of_year))
    return typeset(
        pd.DataFrame(rows),
        {
            "name": _("Pairs"),
            "n": "n",
            "bias": _("Mean error"),
            "sd": _("Standard deviation"),
            "largest": _("Largest error"),
            "worst": _("Where"),
        },
        title=_("How well does SIPAS turned into points stand in for the published points?"),
        subtitle=_("Unit: points; error = SIPAS turned into points − published points"),
        decimals={"n": 0, "bias": 3, "sd": 3, "largest": 3},
        signed=("bias",),
    )


def _stand_in_row(name: str, errors: pd.DataFrame) -> dict:
    worst = errors.loc[errors["error"].abs().idxmax()]
    return {
        "name": name,
        **association.stand_in_quality(errors["error"]),
        "worst": f"{worst['unit']} {worst['year']} ({wording.signed(worst['error'], 3)})",
    }


# --- noise -------------------------------------------------------------------------------------


def noise(found: dict, cite: Citations) -> HTML:
    """Sampling error of a province's SIPAS, and the correlation corrected for it."""
    respondents, corrected = found["respondents"], found["corrected"]
    number = RESPONDENTS[respondents["kind"]]
    texts = [
        _(
            "{respondents} ({year}{sources}). Assumed in this section: {people} people in each "
            "province, and a design effect of {design_effect}. The Ministry of Home Affairs "
            "publishes no sampling error."
        ).format(
            respondents=_(number).format(n=wording.whole(respondents["national"])),
            year=respondents["year"],
            sources=cite(respondents["sources"]),
            people=wording.whole(found["people"]),
            design_effect=wording.number(found["design_effect"], 1),
        )
    ]
    if corrected is None:
        texts.append(
            ngettext(
                "There is only {n} pair of scores: the correlation cannot be corrected.",
                "There are only {n} pairs of scores: the correlation cannot be corrected.",
                len(found["pairs"]),
            ).format(n=wording.whole(len(found["pairs"])))
        )
        return page.points(texts)
    texts.append(
        _(
            "Standard error of a province's SIPAS: {error} percentage points on average; "
            "reliability of the differences between the {n} provinces: {reliability}."
        ).format(
            error=wording.number(corrected["standard_error"]),
            n=wording.whole(corrected["n"]),
            reliability=wording.with_minus(corrected["reliability"]),
        )
    )
    if pd.isna(corrected["corrected"]):
        texts.append(
            _("Under this assumption the error swamps the differences: no correction is possible.")
        )
        return page.points(texts)
    texts.append(_corrected(corrected))
    if found["rest"] is not None and found["reliability"] > 0:
        value = association.disattenuate(found["rest"]["r"], found["reliability"])
        texts.append(
            _(
                "Over all {n} provinces (completed tables, reliability {reliability}): {r} becomes "
                "{corrected}."
            ).format(
                n=_units(found),
                reliability=wording.number(found["reliability"]),
                r=wording.with_minus(found["rest"]["r"]),
                corrected=wording.with_minus(value),
            )
        )
    return page.points(texts)


RESPONDENTS = {
    "": N_("Respondents in the whole country: {n}"),
    "about": N_("Respondents in the whole country: about {n}"),
    "at_least": N_("Respondents in the whole country: at least {n}"),
}


def _corrected(corrected: pd.Series) -> str:
    low, high = association.DESIGN_EFFECTS
    return _(
        "The correlation (less satisfaction points) of {r}, corrected for the error of SIPAS, "
        "becomes {corrected} (95% interval: {interval}; bootstrap over provinces, design effect "
        "drawn evenly from {low} to {high}, cut at 1; {unusable}% of the resamples could not be "
        "used and were left out). The error of the reform score itself is unknown and not "
        "corrected for."
    ).format(
        r=wording.with_minus(corrected["r"]),
        corrected=wording.with_minus(corrected["corrected"]),
        interval=interval(corrected["low"], corrected["high"]),
        low=wording.whole(low),
        high=wording.whole(high),
        unusable=wording.number(100 * corrected["unusable"], 1),
    )


def noise_table(found: dict) -> GT | HTML:
    """Standard error, reliability and corrected correlation under other assumptions."""
    if found["corrected"] is None:
        return page.paragraphs()
    people = sorted({200.0, round(found["people"]), 1000.0})
    made = association.grid(
        found["pairs"]["reform"], found["pairs"]["SIPAS"], people, [1.0, 1.5, 2.0, 3.0]
    )
    made["told"] = [
        _("error swamps it")
        if pd.isna(value)
        else wording.with_minus(value) + (" **" if value > 1 else "")
        for value in made["corrected"]
    ]
    return typeset(
        made,
        {
            "people": _("Respondents per province"),
            "design_effect": _("Design effect"),
            "standard_error": _("Standard error (percentage points)"),
            "reliability": _("Reliability"),
            "told": _("Corrected correlation"),
        },
        title=_("How much does the survey's error change the correlation?"),
        subtitle=_(
            "PAR INDEX less satisfaction points, and SIPAS, {year}; {n} published pairs"
        ).format(year=found["year"], n=wording.whole(len(found["pairs"]))),
        decimals={"people": 0, "design_effect": 1, "standard_error": 2, "reliability": 2},
        right=("told",),
        notes=(
            _(
                "** Above 1: this assumption does not fit the figures; the sample must have been "
                "larger or the design effect smaller."
            ),
        ),
    )


def size_guide() -> HTML:
    """The thresholds by which a correlation is called weak or strong."""
    least = {word: wording.number(value) for value, word in SIZES}
    return page.paragraphs(
        _(
            "Words for the size of a coefficient, whatever its sign (Cohen, 1988): below {weak}: "
            "negligible; from {weak}: weak; from {moderate}: moderate; from {strong}: strong. A "
            "direction is told only where the 95% interval leaves out 0."
        ).format(weak=least["weak"], moderate=least["moderate"], strong=least["strong"])
    )
