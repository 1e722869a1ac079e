"""The official typology of SIPAS 2017-2020: steady rise, mixed, steady fall."""

import numpy as np
import pandas as pd

from helpers import completion, facts
from helpers.trajectories.panel import NotEnoughYears, Panel

ROUNDS = 500  # of raking
CLASSES = ("rise", "mixed", "fall")
SPAN = range(2017, 2021)
PARTS = {
    "rise": "steady_rise_2017_2020",
    "mixed": "mixed_2017_2020",
    "fall": "steady_fall_2017_2020",
}


def known_steps(figures: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Direction of every step that is published or follows: 1, 0, -1; NaN where not known.

    A row per unit, a column per year (against the year before).
    """
    columns = SPAN[1:]
    known = pd.DataFrame(np.nan, index=panel.regions.index, columns=columns)
    for year in columns:
        for unit in known.index:
            change = facts.change(figures, unit, panel.index, year, "score")
            direction = facts.figure(figures, unit, panel.index, year, "direction")
            if change is not None:
                known.loc[unit, year] = np.sign(change["value"])
            elif direction is not None:
                known.loc[unit, year] = direction["value"]
    return known


def classify(steps: np.ndarray) -> np.ndarray:
    """Class of each row of steps: "rise" where all are up, "fall" where all are down, else "mixed".

    A year without change is neither up nor down.
    """
    steps = np.asarray(steps)
    return np.where(
        (steps > 0).all(axis=-1), "rise", np.where((steps < 0).all(axis=-1), "fall", "mixed")
    )


def typology(figures: pd.DataFrame, panel: Panel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Classify every province, and count the classes.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them.
    panel : Panel
        Of SIPAS, with every year of 2017 to 2020.

    Returns
    -------
    (DataFrame, DataFrame)
        By unit: ``known`` (steps of known direction), ``class`` (only where the published figures
        decide it, else ""), the probabilities ``rise``, ``mixed``, ``fall`` over draws, and
        ``rise_announced``, ... : the same, raked to the announced counts (NaN without them). By
        class: ``announced`` (NaN where not), ``decided`` (provinces), and over draws ``median``,
        ``low``, ``high`` (90%), ``least``, ``most``.

    Raises
    ------
    NotEnoughYears
        Where a year of the span has no completed table.

    Notes
    -----
    Draws are those of `completion.joint`: drawn year by year, provinces of which little is
    published would jump about, and far too few would rise three times running. The announced
    counts of the classes are not used in the draws; how many rose in a year is, in every draw, so
    that the two do not test each other. Steps of known direction keep it in every draw.
    """
    known = known_steps(figures, panel).to_numpy()
    drawn = classify(_steps(figures, panel, known))
    table = pd.DataFrame({"known": (~np.isnan(known)).sum(axis=1)}, index=panel.regions.index)
    table["class"] = _decided(known)
    for name in CLASSES:
        table[name] = (drawn == name).mean(axis=0)
    counts = _counts(figures, panel.index, table, drawn)
    raked = rake(table[list(CLASSES)].to_numpy(), counts["announced"].to_numpy())
    table[[f"{name}_announced" for name in CLASSES]] = raked
    return table, counts


def _steps(figures, panel: Panel, known: np.ndarray) -> np.ndarray:
    """Direction of every step in every joint draw, draws x units x steps."""
    absent = [year for year in SPAN if year not in panel.tables]
    if absent:
        raise NotEnoughYears(f"{panel.index}: nothing is published of {absent}: no typology.")
    joint = completion.joint(figures)
    scores = np.stack([joint.scores(panel.index, year).to_numpy() for year in SPAN], axis=-1)
    return np.where(np.isnan(known), np.sign(np.diff(scores, axis=-1)), known)


def _range(counts: np.ndarray) -> dict:
    cuts = np.quantile(counts, [0.05, 0.5, 0.95], method="closest_observation")
    return dict(zip(("low", "median", "high"), map(int, cuts), strict=True))


def _announced(found) -> dict:
    if found is None:
        return {"announced": np.nan, "sources": ""}
    return {"announced": found["value"], "sources": found["sources"]}


def rake(probabilities: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Scale probabilities so that each class sums to its total and each row to one.

    NaN throughout where a total is not known. What is impossible or certain stays so.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known. Annals of Mathematical Statistics 11,
    427-444.
    """
    if np.isnan(totals).any():
        return np.full_like(probabilities, np.nan)
    scaled = probabilities.copy()
    for _ in range(ROUNDS):
        sums = scaled.sum(axis=0)
        scaled = scaled * np.divide(totals, sums, out=np.ones_like(sums), where=sums > 0)
        scaled = scaled / scaled.sum(axis=1, keepdims=True)
    return scaled


def _decided(known: np.ndarray) -> np.ndarray:
    """Class of each row whatever its unknown steps were; "" where it hangs on them."""
    up, down = (classify(np.where(np.isnan(known), step, known)) for step in (1, -1))
    return np.where(up == down, up, "")


def _counts(figures, index, table, drawn) -> pd.DataFrame:
    rows = {}
    for name in CLASSES:
        found = facts.figure(figures, facts.NATION, index, SPAN[-1], "count", PARTS[name])
        counts = (drawn == name).sum(axis=1)
        rows[name] = _announced(found) | _range(counts)
        rows[name] |= {"least": int(counts.min()), "most": int(counts.max())}
        rows[name]["decided"] = int((table["class"] == name).sum())
    return pd.DataFrame.from_dict(rows, orient="index")
