"""What all pages have alike: their frame, and that they are closed off."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader

from helpers import language, wording
from helpers.site.policy import seal


def rendered(name: str, **shown) -> str:
    """Give a page in the language in use.

    Parameters
    ----------
    name : {"report", "start", "compare"}
        Of the template.
    **shown
        What it shows: a ``title``, a ``twin`` (the same page in the other language, as of
        `helpers.site.links.twin`, or None), and what the template asks for.

    Raises
    ------
    NotSelfContained
        As `helpers.site.policy.seal`.
    """
    template = _environment().get_template(f"{name}.html.j2")
    return seal(template.render(name=name, lang=language.current(), **shown))


@lru_cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("helpers", "templates/report"), autoescape=True)
    made.globals.update(_=language._, indices=wording.INDEX)
    return made
