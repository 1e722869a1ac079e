"""Texts of the findings as data has them: templates with terms, in English in any language.

The page has sentences of its own for the same keys, in `helpers.report.statements`.
"""

from collections.abc import Iterable

HOW = {
    "difference": "{now} - {before} = {found}",
    "highest": "published means: {series}",
    "higher_before": "{year} was higher, {value}",
    "place_of": "no. {rank} of {n}, {unit}, has {score}",
    "streak": "published ranks: {series}",
    "sum": "{terms} = {found}",
    "beyond": "place {rank} ({unit}) has {score}",
    "draws": "{draws} completed tables without this figure: median {found}, 90% {low} to {high}; "
    "in {share} of them within {tolerance} of the stated {stated}",
    "exact": "exactly {stated} in {exact}",
    "outside": "the stated number is {off} outside that range",
    "possible": "none of the tables comes as far, but the other figures do not rule it out",
    "refuted": "no table fits the statement together with: {facts} "
    "(observations.csv, lines {lines})",
    "rounding": "not more than rounding away from the stated {stated}",
    "place_share": "{unit} is in that place in {share} of the tables",
    "apart": "the two years are drawn apart, which can bear a statement out but not refute it",
    "known_changes": "of {known} known changes out of {n} {unit} has {own}; "
    "largest {top} ({top_unit}), smallest gain {least} ({least_unit})",
    "only_gainers": "only among those that rose: {fallen} fell",
    "bounds": "published years leave {low} to {high}; {known} of {n} provinces have all four years",
    "adds_up": "the parts add up: {terms} = {total}",
    "other_words": "said in other words too: {terms} = {found}",
    "rivals": "with {unit} ({values}), which data/ rejects only because of this statement, the "
    "tables give {low} to {high}",
    "factor_years": "the plain mean of the five factors of {year}, {plain}, is not the published "
    "{mean}, so their weights are not equal",
}
MISSING = {
    "factor": "the factors by province, or the answers behind them",
    "share": "the answers of the survey to that question",
    "fields": "the ministries' means of the seven fields in {before} and {year}",
    "criteria": "the points of {unit} by criterion, and what counts as low",
    "mean": "the mean of {years}",
    "ranks": "the rank of {unit} in {years}",
    "changes": "the scores of both {before} and {year} of the other {others}",
    "types": "the scores of {years} of the other {others} provinces",
    "scores": "{year}: the scores of {lacking} of the {n} ranked, not published",
    "rank_before": "the rank of {before}, published otherwise than through this statement",
    "nothing": "enough published figures of {year} to complete a table",
    "conflict": "figures of {year} that fit together: {conflict}",
    "value": "the number that is stated",
    "unranked": "any result of {unit}, which was not ranked",
    "unknown": "a way to check {quantity} {part}",
}


def tell(parts: Iterable[tuple[str, dict]], texts: dict[str, str], number=None) -> str:
    """Write texts, given as keys and terms, with the templates of a language, as sentences.

    Floats are written by ``number`` (two decimals when left out), shares in whole per cent, lists
    and series of years with semicolons, since a comma may be a decimal one.
    """
    number = number or (lambda value: f"{value:.2f}")
    written = [
        texts[key].format(**{name: _written(term, number) for name, term in terms.items()})
        for key, terms in parts
    ]
    return ". ".join(text[:1].upper() + text[1:] for text in written)


class Share(float):
    """A share of draws, written in whole per cent."""


def _written(term, number) -> str:
    if isinstance(term, Share):
        return f"{100 * term:.0f}%"
    if isinstance(term, float):
        return number(term)
    if isinstance(term, dict):
        return "; ".join(f"{key}: {_written(value, number)}" for key, value in term.items())
    if isinstance(term, tuple):
        return " + ".join(_written(value, number) for value in term)
    if isinstance(term, list):
        return "; ".join(_written(value, number) for value in term)
    return str(term)
