"""Names of methods, classes and reasons, and how figures of forecasts are written."""

from IPython.display import HTML

from helpers import page, wording
from helpers.language import N_, _

_METHOD = {
    "same_rank": N_("same rank"),
    "last_score": N_("same distance from the mean"),
    "mixed": N_("mixed model"),
}
_CLASS = {
    "rise": N_("Steady rise"),
    "mixed": N_("Mixed"),
    "fall": N_("Steady fall"),
}
_REASON = {
    "region": N_("The region stays in the model (lower AIC)."),
    "no_region": N_("The region does not improve the model (AIC no lower) and is left out."),
    "slope": N_("Every province has a trend of its own."),
    "slope_at_zero": N_(
        "The variance of the provinces' own trends is at zero: the figures do not tell trends of "
        "provinces apart, so the simpler model is used, with a level of its own for each."
    ),
    "slope_not_converged": N_(
        "The model with trends of the provinces' own does not converge, so the simpler model is "
        "used, with a level of its own for each."
    ),
    "slope_not_worth_it": N_(
        "Trends of the provinces' own do not improve the model (AIC no lower), so only a level of "
        "its own for each is kept."
    ),
}


def method(key: str) -> str:
    """Name a way of forecasting, as within a sentence."""
    return _(_METHOD[key])


def methods() -> dict[str, str]:
    """Name every way of forecasting, as a heading."""
    return {key: wording.capital(method(key)) for key in _METHOD}


def classes() -> dict[str, str]:
    """Name every class of the official typology."""
    return {key: _(text) for key, text in _CLASS.items()}


def reason(key: str) -> str:
    """Say what decided on the structure of the mixed model."""
    return _(_REASON[key])


def share(value: float) -> str:
    """Write a share in whole per cent."""
    return f"{wording.whole(100 * value)}%"


def too_little(index: str) -> HTML:
    """Say that the published figures do not suffice for what stands here."""
    text = _("{index}: the published figures do not suffice for this.")
    return page.paragraphs(text.format(index=wording.INDEX[index]))
