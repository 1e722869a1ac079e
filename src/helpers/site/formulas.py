"""TeX in Markdown as MathML, which browsers set without a script or a font from elsewhere."""

from html import unescape
from unicodedata import category
from xml.etree import ElementTree

from jinja2 import pass_context
from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from helpers.errors import CchcError
from helpers.site.policy import NotSelfContained, why_not_sealed

# How latex2mathml says that a formula is none: by errors of its own, and where it runs out of one.
WRONG: tuple[type[Exception], ...] = (
    *(one for one in vars(exceptions).values() if isinstance(one, type)),
    *(IndexError, KeyError, StopIteration, ValueError),
)


class NotShown(CchcError):
    """A page cannot show what a cell holds."""


def mathml(tex: str, display: str = "inline") -> str:
    """Set a formula.

    Parameters
    ----------
    tex : str
        Without its dollar signs.
    display : {"inline", "block"}

    Raises
    ------
    NotShown
        It is no formula, or has a command that is not known.
    """
    tex = tex.replace("\r", "\n")
    told = f"the formula {' '.join(tex.split())!r} cannot be set"
    if any(category(letter) in ("Cc", "Cn", "Cs") and letter not in "\t\n" for letter in tex):
        raise NotShown(f"{told}: it holds what is no letter")
    try:
        root = convert_to_element(tex, display=display)
    except WRONG as error:
        raise NotShown(f"{told}: {error or type(error).__name__}") from error
    for element in root.iter():
        element.text = unescape(element.text or "")
        # Set letter by letter, this would be read as it was typed.
        if element.tag == "mi" and (element.text.startswith("\\") or element.text in ("&", "}")):
            raise NotShown(f"{told}: {element.text} is not known here")
    root.set("alttext", tex.strip())
    return ElementTree.tostring(root, encoding="unicode")


class Renderer(IPythonRenderer):
    """nbconvert's renderer of Markdown, with formulas set."""

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


@pass_context
def markdown2html(context, source: str) -> str:
    """Make HTML of a Markdown cell, pictures attached to it and formulas included.

    Raises
    ------
    NotShown
        A formula cannot be set; names the cell.
    NotSelfContained
        The cell holds a script, or would load something; names the cell.
    """
    cell = context["cell"]
    attachments = cell.get("attachments", {})
    renderer = Renderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    where = f"cell {cell['metadata']['place']} of the notebook"
    try:
        html = MarkdownWithMath(renderer=renderer).render(source)
    except NotShown as error:
        raise NotShown(f"{where}: {error}") from error
    if why := why_not_sealed(html):
        raise NotSelfContained(f"{where}: {why}")
    return html
