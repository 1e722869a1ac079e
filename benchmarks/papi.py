"""What PAPI, an independent survey, would add to the joint model: ``python benchmarks/papi.py``.

Each known normal score is predicted from all other ones by the model at the mode of its
parameters, without and with a covariate times a coefficient for each series: a province's mean
standing in PAPI over all years, its standing in the same year, or over three years around. Printed
are the continuous ranked probability score (less is better) and the gain, with an interval from a
bootstrap over provinces.
"""

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm

from helpers import facts, paths, units
from helpers.completion.model import PRIOR, Columns, Known, covariances
from helpers.completion.together import known_scores, undrawn

DIMENSIONS = ["participation", "transparency", "accountability", "corruption_control",
              "procedures", "service_delivery"]  # fmt: skip  # those of all years
WIDTH = 0.5  # standard deviation of the prior of a coefficient
BOOTSTRAPS = 2000


def standings(names: list[str], years: np.ndarray) -> dict[str, np.ndarray]:
    """The covariates, units x columns; 0 where a province or a year has none."""
    papi = pd.read_csv(paths.data_dir() / "papi.csv")
    total = papi.assign(total=papi[DIMENSIONS].sum(axis=1, min_count=len(DIMENSIONS)))
    wide = total.pivot(index="unit", columns="year", values="total").reindex(names)
    wide = (wide - wide.mean()) / wide.std()
    mean = wide.mean(axis=1)
    around = wide.T.rolling(3, center=True, min_periods=1).mean().T
    return {
        "mean of all years": np.tile(
            ((mean - mean.mean()) / mean.std()).to_numpy(), (len(years), 1)
        ).T,
        "same year": wide.reindex(columns=years).fillna(0).to_numpy(),
        "three years": around.reindex(columns=years).fillna(0).to_numpy(),
    }


def left_out(z, x, region, columns) -> tuple[pd.DataFrame, np.ndarray]:
    """Unit, series and CRPS of each known score predicted from the others; the coefficients."""
    size = len(PRIOR)

    def rest(theta):
        return z - theta[size:][columns.series] * x

    def cost(theta):
        own = -Known(rest(theta), region, columns).posterior(theta[:size])
        return own + 0.5 * ((theta[size:] / WIDTH) ** 2).sum()

    start = np.r_[PRIOR[:, 0], np.zeros(3)]
    theta = minimize(cost, start, method="L-BFGS-B", options={"maxiter": 40}).x
    within, between = covariances(theta[:size], columns)
    between = columns.design @ between @ columns.design.T
    rows = []
    for one in np.unique(region):
        unit, column = np.nonzero(np.isfinite(z) & (region == one)[:, None])
        here = np.ix_(column, column)
        inverse = np.linalg.inv(between[here] + (unit[:, None] == unit) * within[here])
        sd = 1 / np.sqrt(np.diag(inverse))
        off = inverse @ rest(theta)[unit, column] * sd
        crps = sd * (off * (2 * norm.cdf(off) - 1) + 2 * norm.pdf(off) - 1 / np.sqrt(np.pi))
        rows.append(pd.DataFrame({"unit": unit, "series": columns.series[column], "crps": crps}))
    return pd.concat(rows, ignore_index=True), theta[size:]


def main() -> None:
    provinces = units.provinces()
    region = provinces["region"].astype("category").cat.codes.to_numpy(dtype=int)
    found = list(undrawn(facts.load()))
    columns = Columns(*np.array([(one.series, one.year) for one in found]).T)
    z = known_scores(found)
    base, _ = left_out(z, np.zeros_like(z), region, columns)
    print(f"without: CRPS {base['crps'].mean():.4f}, n = {len(base)}")
    rng = np.random.default_rng(0)
    for name, x in standings(list(provinces["name"]), columns.year).items():
        crps, coefficients = left_out(z, x, region, columns)
        gain = (base["crps"] - crps["crps"]).groupby(base["unit"]).agg(["sum", "size"]).to_numpy()
        drawn = gain[rng.integers(0, len(gain), (BOOTSTRAPS, len(gain)))].sum(axis=1)
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
        mean = (base["crps"] - crps["crps"]).mean()
        print(f"{name}: {coefficients.round(2)}, gain {mean:.4f} ({low:.4f} to {high:.4f})")


if __name__ == "__main__":
    main()
