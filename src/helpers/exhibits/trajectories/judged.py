"""Which method forecasts best, and how far to trust it."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import page, trajectories, wording
from helpers.charts import trajectories as charts
from helpers.exhibits.trajectories.words import method, methods, reason, share, too_little
from helpers.language import N_, _, ngettext
from helpers.tables import typeset
from helpers.trajectories import Panel, Trajectories

ASKED = (0.7, 0.9)  # what the 80% interval should hold
LABELS = {
    ("score", 1): N_("Score, a year ahead"),
    ("score", 2): N_("Score, two years ahead"),
    ("to_mean", 1): N_("Distance from the mean, a year ahead"),
    ("to_mean", 2): N_("Distance from the mean, two years ahead"),
    ("rank", 1): N_("Rank, a year ahead"),
    ("rank", 2): N_("Rank, two years ahead"),
}


def verdict(fit: Trajectories) -> str:
    """Say which method forecasts best, even where it is a naive one, and how sure that is."""
    best = fit.best["method"]
    other = _("{method} is worse by {gap} (95% interval: {range})")
    others = [
        other.format(
            method=method(name),
            gap=wording.number(row["gap"]),
            range=wording.to(wording.signed(row["low"]), wording.signed(row["high"])),
        )
        for name, row in fit.best["lead"].items()
    ]
    told = _(
        "{index}, figures up to {year}: on years that it had not seen, the best "
        "forecast is “{best}” (CRPS of the distance from the national mean, all "
        "horizons together: {crps}; the lower the better); {others}."
    ).format(
        index=wording.INDEX[fit.index],
        year=fit.last_year,
        best=method(best),
        crps=wording.number(fit.best["crps"][best]),
        others=wording.names(others),
    )
    sure = (
        _("This lead is clear.")
        if fit.best["sure"]
        else _("This lead is not certain over every other way.")
    )
    if best == "mixed":
        return f"{told} {sure}"
    naive = _("So a simple way that needs no model is used for the forecasts below.")
    return f"{told} {sure} {naive}"


def verdicts(found: dict) -> HTML:
    """Say for each index which method is used."""
    if not found:
        text = _("The figures published up to this year do not suffice to try any forecast.")
        return page.paragraphs(text)
    return page.points([verdict(fit) for _panel, fit in found.values()])


def backtest_chart(fit: Trajectories) -> HTML:
    """Errors and coverage of every method on years it had not seen."""
    scores = fit.scores[fit.scores["target"] == "score"]
    own = scores[scores["method"] == fit.best["method"]].sort_values("horizon")
    told = [_held(row) for row in own.itertuples()]
    names = {"best": method(fit.best["method"]), "index": wording.INDEX[fit.index]}
    finding = _("Best overall is “{best}”; its 80% interval held the true score {held}")
    subtitle = _(
        "{index}, forecasts from every past year; bars: 95% intervals; band: 70–90%, as it should "
        "be"
    )
    alt = _(
        "Mean absolute error and coverage of the 80% interval for three ways of forecasting "
        "{index}. {errors}. The 80% interval of the best held the true result {held}."
    )
    errors = "; ".join(_error_told(row) for row in scores.itertuples())
    held = wording.names(told)
    return page.chart(
        charts.backtest(scores, methods()),
        finding.format(held=held, **names),
        subtitle.format(**names),
        alt.format(held=held, errors=wording.capital(errors), **names),
    )


def _held(row) -> str:
    text = (
        _("{share} of the time a year ahead")
        if row.horizon == 1
        else _("{share} of the time two years ahead")
    )
    return text.format(share=share(row.cover_80))


def _error_told(row) -> str:
    text = (
        _("{method}, a year ahead: {error}")
        if row.horizon == 1
        else _("{method}, two years ahead: {error}")
    )
    return text.format(method=method(row.method), error=wording.number(row.mae))


def backtest_table(fit: Trajectories) -> GT:
    """The same numbers, with the rank too."""
    keys = list(LABELS)
    table = fit.scores.assign(
        order=[
            keys.index(key) for key in zip(fit.scores["target"], fit.scores["horizon"], strict=True)
        ],
        name=fit.scores["method"].map(methods()),
        best=fit.scores["method"] == fit.best["method"],
        tries=fit.scores["cases"],
    )
    table["group"] = [_(LABELS[keys[place]]) for place in table["order"]]
    for level in trajectories.LEVELS:
        table[f"cover_{level}"] *= 100
    table["place"] = table["method"].map(list(methods()).index)
    table = table.sort_values(["order", "place"], ignore_index=True)
    for name in ("mae", "crps"):
        table[f"{name}_range"] = [
            wording.between(*ends)
            for ends in zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
        ]
    cover = _("{level}% interval")
    return typeset(
        table,
        {
            "name": _("Way of forecasting"),
            "tries": _("Cases"),
            "mae": _("Error"),
            "mae_range": _("95% interval of the error"),
            "crps": "CRPS",
            "crps_range": _("95% interval of the CRPS"),
            "interval": _("Score of the 80% interval"),
            **{
                f"cover_{level}": wording.capital(cover.format(level=level))
                for level in trajectories.LEVELS
            },
        },
        title=_("How well {index} is forecast").format(index=wording.INDEX[fit.index]),
        subtitle=_("Last three columns: how often the interval held the true result, %"),
        decimals={
            "tries": 0,
            "mae": 2,
            "crps": 2,
            "interval": 1,
            "cover_50": 0,
            "cover_80": 0,
            "cover_95": 0,
        },
        right=("mae_range", "crps_range"),
        groups="group",
        highlight=table["best"],
        notes=(
            _(
                "Each case: from the figures up to a year, all are forecast that were published "
                "later. Error: mean absolute error. CRPS and interval score: the lower the better. "
                "95% intervals: years and provinces drawn again with replacement."
            ),
        ),
    )


def coverage_report(panel: Panel, fit: Trajectories, figures: pd.DataFrame) -> HTML:
    """Say what the 80% interval held, before and after, and what hangs on how it was made."""
    name = wording.INDEX[fit.index]
    own = fit.scores[
        (fit.scores["target"] == "score") & (fit.scores["method"] == fit.best["method"])
    ]
    texts = [_tried(row, name) for row in own.sort_values("horizon").itertuples()]
    since = trajectories.beside_published(fit, figures)
    texts += [_since(since, name, fit.last_year)] if len(since) else []
    texts.append(_settings(panel, fit, name))
    return page.points([text for text in texts if text])


def _tried(row, name: str) -> str:
    low, high = ASKED
    if row.cover_80 > high:
        sure = _(
            "That is more than 70–90%: in these years the intervals were, if anything, too wide."
        )
    elif row.cover_80 < low:
        sure = _("That is less than 70–90%: in these years the intervals were too narrow.")
    else:
        sure = _("That is within 70–90%, as it should be.")
    text = (
        _(
            "{index}, a year ahead: the 80% interval held {share} of {cases} published scores of "
            "{years} (95% interval: {range})."
        )
        if row.horizon == 1
        else _(
            "{index}, two years ahead: the 80% interval held {share} of {cases} published scores "
            "of {years} (95% interval: {range})."
        )
    )
    told = text.format(
        index=name,
        share=share(row.cover_80),
        cases=row.cases,
        years=ngettext("{n} year", "{n} years", row.years).format(n=row.years),
        range=wording.to(share(row.cover_80_low), share(row.cover_80_high)),
    )
    return f"{told} {sure}"


def _since(since: pd.DataFrame, name: str, year: int) -> str:
    scored = since["inside_80"].dropna().astype(bool)
    ranked = since["rank_inside_80"].dropna().astype(bool)
    text = _(
        "{index}, forecasts from {year}: of the {scored} scores published since, {score_share} lie "
        "in the 80% interval; of the {ranked} ranks, {rank_share}."
    )
    return text.format(
        index=name,
        year=year,
        scored=len(scored),
        score_share=_mean(scored),
        ranked=len(ranked),
        rank_share=_mean(ranked),
    )


def _mean(held: pd.Series) -> str:
    return share(held.mean()) if len(held) else wording.MISSING


def _settings(panel: Panel, fit: Trajectories, name: str) -> str:
    """What hangs on the window and the prior; "" for the mixed model, which has no window."""
    if fit.best["method"] == "mixed":
        return ""
    tried = trajectories.sensitivity(panel, fit.best["method"])
    tried = tried[tried["target"] == "score"]
    totals = tried.groupby(["window", "prior"])[["cover_80", "crps"]].mean()
    text = _(
        "{index}: how intervals are made (changes of the last six years, thirty normal errors) was "
        "settled with the results up to 2024 in sight, so none of these shares is an untouched "
        "test. Windows of 4 to 12 years and 10 to 100 normal errors give {cover} coverage and a "
        "CRPS of {crps}."
    )
    return text.format(
        index=name,
        cover=wording.to(share(totals["cover_80"].min()), share(totals["cover_80"].max())),
        crps=wording.to(wording.number(totals["crps"].min()), wording.number(totals["crps"].max())),
    )


def model_report(fit: Trajectories) -> HTML:
    """What the mixed model says: structure, convergence, variance, shrinkage, residuals."""
    if "absent" in fit.model:
        return too_little(fit.index)
    model, parts = fit.model, fit.model["variance_parts"]
    checks = model["residuals"]
    warned = "; ".join(model["warnings"]) if model["warnings"] else _("none")
    texts = [
        f"{wording.INDEX[fit.index]}: {' '.join(map(reason, model['reasons']))}",
        _(
            "Fitted to {draws} sets of figures; {converged}/{draws} converged. Warnings while "
            "fitting the model used: {warnings}."
        ).format(draws=model["draws"], converged=model["converged"], warnings=warned),
        _(
            "Standard deviation between provinces in {year}: {between}; within a province, from "
            "year to year: {within}."
        ).format(
            year=fit.last_year,
            between=wording.difference(parts["provinces"]["sd"], fit.index),
            within=wording.difference(parts["residual"]["sd"], fit.index),
        ),
        _("Shrinkage towards the mean (0: none, 1: wholly): {range}.").format(
            range=wording.to(
                wording.number(fit.shrinkage["shrinkage"].min()),
                wording.number(fit.shrinkage["shrinkage"].max()),
            )
        ),
        _(
            "Residuals: test of normality {normal}; of equal spread over the years {spread}; "
            "correlation with the year before {lag}."
        ).format(
            normal=_p(checks["normal_p"]),
            spread=_p(checks["spread_p"]),
            lag=wording.signed(checks["lag_one"]),
        ),
    ]
    tried = [row for row in model["structures"] if row["warnings"]]
    if tried:
        texts.append(
            _(
                "{n}/{of} models tried in choosing the structure had warnings of the software; "
                "word for word they are in the stored record of the run."
            ).format(n=len(tried), of=len(model["structures"]))
        )
    return page.points(texts)


def _p(value: float) -> str:
    if value < 0.001:
        return f"p &lt; {wording.number(0.001, 3)}"
    return f"p = {wording.number(value, 3)}"
