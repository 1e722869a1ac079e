"""The sampling error of SIPAS, and correlations corrected for it.

No sampling error is published. It follows from assumptions that are parameters here: how many
people answered in a province, and the design effect (how many times larger the variance is than
that of a simple random sample; respondents are sampled in clusters, by district and service).
"""

import numpy as np
import pandas as pd

from helpers import facts, units
from helpers.association.correlation import RESAMPLES, SEED
from helpers.ranking.survey import DESIGN_EFFECT

# Range that intervals take the design effect from, evenly: one to three.
DESIGN_EFFECTS = (1.0, 3.0)


def respondents(table: pd.DataFrame, year: int, provinces: int | None = None) -> dict | None:
    """Respondents of SIPAS per province, as an even share of the published national number.

    Parameters
    ----------
    provinces : int, optional
        How many share it; those of the number's own year when left out.

    Returns
    -------
    dict or None
        ``per_province``, ``national``, ``year`` (the nearest with a number, the later of two),
        ``kind`` ("", "about" or "at_least") and ``sources``; None where no year has one.
    """
    rows = facts.select(table, index="SIPAS", measure="respondents", unit_type="national")
    rows = rows[rows["part"] != "sampled"]
    if rows.empty:
        return None
    distance = (rows["year"] - year).abs()
    row = rows[distance == distance.min()].sort_values("year").iloc[-1]
    return {
        "per_province": row["value"] / (provinces or units.count(int(row["year"]))),
        "national": row["value"],
        "year": int(row["year"]),
        "kind": row["part"],
        "sources": row["sources"],
    }


def sampling_variance(percent, people: float, design_effect: float = DESIGN_EFFECT):
    """Sampling variance of a percentage, in squared percentage points.

    Parameters
    ----------
    percent : float or array
        SIPAS, 0 to 100.
    people : float
        Respondents in the province.
    design_effect : float
        Times the variance p(100-p)/n of a simple random sample (Kish 1965, Survey Sampling).

    Raises
    ------
    ValueError
        If people or the design effect are not above 0.

    Notes
    -----
    SIPAS is a mean over several questions. Such a mean varies at most as much as one yes-or-no
    question with the same share, so this is on the high side for a given design effect.
    """
    if people <= 0 or design_effect <= 0:
        raise ValueError("respondents and the design effect are above 0")
    return percent * (100 - percent) / people * design_effect


def reliability(percent, people: float, design_effect: float = DESIGN_EFFECT) -> float:
    """Share of the variance between provinces that is not sampling error; at or below 0 if none."""
    percent = np.asarray(percent, dtype=float)
    noise = np.mean(sampling_variance(percent, people, design_effect))
    return float(1 - noise / percent.var(ddof=1))


def disattenuate(r: float, reliability_y: float, reliability_x: float = 1.0) -> float:
    """Correlation of what is measured without error (Spearman 1904, Am. J. Psychology 15, 72-101).

    Raises
    ------
    ValueError
        A reliability is not in (0, 1].
    """
    if not (0 < reliability_x <= 1 and 0 < reliability_y <= 1):
        raise ValueError("a reliability lies above 0 and at most at 1")
    return float(r / np.sqrt(reliability_x * reliability_y))


def corrected(
    x,
    percent,
    people: float,
    design_effect: float = DESIGN_EFFECT,
    design_effects: tuple[float, float] = DESIGN_EFFECTS,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.Series:
    """Pearson's correlation of x with SIPAS, corrected for the sampling error of SIPAS.

    Parameters
    ----------
    x : array
        Without SIPAS in it: if the same error is in both, the correction does not hold. Its own
        error is not known and not corrected for.
    design_effect : float
        For the estimate; the interval draws it evenly from `design_effects`.

    Returns
    -------
    Series
        ``n, r, standard_error`` (of a province's SIPAS, mean over provinces, percentage points),
        ``reliability, corrected, low, high, unusable``. The interval lies between percentiles of a
        bootstrap over provinces in which r, the variance of SIPAS and the design effect all vary;
        it is cut at -1 and 1. ``unusable`` is the share of resamples whose variance is not larger
        than the sampling error, or in which one province is repeated only; they are left out.
        Where the reliability itself is not above 0, all that rests on it is NaN.
    """
    x, percent = np.asarray(x, dtype=float), np.asarray(percent, dtype=float)
    n = len(x)
    trust = reliability(percent, people, design_effect)
    r = float(np.corrcoef(x, percent)[0, 1])
    noise = sampling_variance(percent, people, design_effect)
    found = {"n": n, "r": r, "standard_error": np.sqrt(noise).mean(), "reliability": trust}
    if trust <= 0:
        rest = dict.fromkeys(("corrected", "low", "high"), float("nan"))
        return pd.Series(found | rest | {"unusable": 1.0})
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, n, (resamples, n))
    effects = rng.uniform(*design_effects, resamples)
    bx, by = x[chosen], percent[chosen]
    sxy = ((bx - bx.mean(1, keepdims=True)) * (by - by.mean(1, keepdims=True))).sum(1) / (n - 1)
    vx, vy = bx.var(axis=1, ddof=1), by.var(axis=1, ddof=1)
    true = vy - effects * sampling_variance(by, people, 1.0).mean(axis=1)
    usable = (true > 0) & (vx > 0)
    drawn = sxy[usable] / np.sqrt(vx[usable] * true[usable])
    tail = (1 - level) / 2
    low, high = np.clip(np.quantile(drawn, [tail, 1 - tail]), -1, 1)
    return pd.Series(
        found
        | {
            "corrected": disattenuate(r, trust),
            "low": low,
            "high": high,
            "unusable": 1 - usable.mean(),
        }
    )


def grid(x, percent, people: list[float], effects: list[float]) -> pd.DataFrame:
    """Standard error, reliability and corrected correlation for several assumptions.

    Returns
    -------
    DataFrame
        A row per pair: ``people, design_effect, standard_error`` (percentage points),
        ``reliability, corrected`` (NaN where the reliability is not above 0).
    """
    r = float(np.corrcoef(x, percent)[0, 1])
    rows = []
    for count in people:
        for effect in effects:
            trust = reliability(percent, count, effect)
            rows.append(
                {
                    "people": count,
                    "design_effect": effect,
                    "standard_error": np.sqrt(sampling_variance(percent, count, effect)).mean(),
                    "reliability": trust,
                    "corrected": disattenuate(r, trust) if trust > 0 else float("nan"),
                }
            )
    return pd.DataFrame(rows)
