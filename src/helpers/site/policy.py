"""A page that needs nothing but itself, and a policy that lets it do nothing else."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from helpers.errors import CchcError

# Searched for in the text itself: what is written counts, however one parser or another reads it.
# A tag's attribute, @import or url() that makes a browser fetch something. Links are followed by
# people and data: URLs are in the page already. No case is ignored in the first character of each:
# that has the search leap from one such character to the next.
LOADS = re.compile(
    r"""<(?i:(?!a\b|area\b)[a-z](?:[^<>]*?|(?:[^<>"']|"[^"]*+"|'[^']*+')*?)\s
        (?:src|srcset|href|xlink:href|data|poster|action|formaction|background)\s*=\s*
        ["']?\s*(?!data:|[#"'])([^"'\s>]+))
      | <(?i:meta\b[^<>]*?http-equiv\s*=\s*["']?\s*(refresh\b[^<>]*))
      | @(?i:import)\s+([^;]+)
      | [uU](?i:rl)\(\s*["']?\s*(?!(?i:data):|\#)([^"')]+)""",
    re.VERBOSE,
)
# A tag with a style attribute; what is within the quotes of another attribute is none. Not by
# lxml: its parser of HTML puts the names in SVG in lower case, so that figures would change.
STYLED = re.compile(
    r"""<([a-zA-Z][^\s<>"']*+
        (?:\s++(?!style=)[^\s<>"'=]++(?:\s*=\s*(?:"[^"<>]*+"|'[^'<>]*+'|[^\s<>"']++))?+)*?)
        \s+style=(?:"([^"<>]*)"|'([^'"<>]*)')(?=[\s/>])([^<>]*)>""",
    re.VERBOSE,
)
CLASS = re.compile(r'\sclass="([^"]*)"')
BLOCK = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
PLACE = "<!-- policy -->"
TEMPLATES = Path(__file__).parents[1] / "templates"


class NotSelfContained(CchcError):
    """A page would have to load something from outside itself."""


def outside_loads(html: str) -> list[str]:
    """Addresses that a browser would fetch to show a page, in their order; links do not count."""
    addresses = ("".join(found.groups(default="")).strip() for found in LOADS.finditer(html))
    return list(dict.fromkeys(addresses))


def why_not_sealed(html: str, scripts: frozenset[str] = frozenset()) -> str:
    """Say why a page, or a piece of one, needs more than itself; "" where it does not.

    Parameters
    ----------
    html : str
    scripts : frozenset of str
        Scripts that it may hold.
    """
    if loads := outside_loads(html):
        return f"it would load {', '.join(loads[:3])}; put the content itself into the notebook"
    own = [content.strip() for kind, content in BLOCK.findall(html) if kind == "script"]
    if len(SCRIPT.findall(html)) > len(own) or not scripts.issuperset(own):
        return "it holds a script; show what the script draws as SVG or a table"
    return ""


def seal(html: str) -> str:
    """Close a page off: no style but that of its head, and a policy with the hashes of its blocks.

    Style attributes, which a strict policy forbids, become classes of the page's style element;
    that also says each look once. The page must hold ``<!-- policy -->`` where the policy goes.

    Raises
    ------
    NotSelfContained
        The page would load something: a picture by its address, a script, a font; or it holds a
        script that is not one of the templates, which the policy must not allow.
    """
    html = _style_once(html)  # first: what is checked is what the browser gets
    blocks = BLOCK.findall(html)
    if why := why_not_sealed(html, _own_scripts()):
        raise NotSelfContained(why)
    hashes = {"style": [], "script": []}
    for kind, content in blocks:
        digest = hashlib.sha256(content.encode()).digest()
        hashes[kind].append(f"'sha256-{base64.b64encode(digest).decode()}'")
    rules = ["default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"]
    rules += [f"{kind}-src {' '.join(found)}" for kind, found in hashes.items() if found]
    policy = f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'
    return html.replace(PLACE, policy, 1)


@lru_cache
def _own_scripts() -> frozenset[str]:
    return frozenset(path.read_text(encoding="utf-8").strip() for path in TEMPLATES.rglob("*.js"))


@lru_cache(maxsize=1024)
def _look(style: str) -> str:
    """What a style attribute says, without what makes no difference."""
    return ";".join(part.strip() for part in style.split(";") if part.strip())


def _style_once(html: str) -> str:
    names: dict[str, str] = {}

    def named(tag: re.Match) -> str:
        before, double, single, after = tag.groups()
        look = _look(double or single or "")
        if not look:
            return f"<{before}{after}>"
        name = names.setdefault(look, f"l{len(names)}")
        if "class=" not in tag[0]:
            return f'<{before} class="{name}"{after}>'
        before, in_before = CLASS.subn(rf' class="\1 {name}"', before, count=1)
        after, in_after = CLASS.subn(rf' class="\1 {name}"', after, count=1)
        own = "" if in_before or in_after else f' class="{name}"'
        return f"<{before}{own}{after}>"

    html = STYLED.sub(named, html)
    # Three times the class, so that a look goes before the page's own rules, as an attribute does.
    sheet = "\n".join(f".{name}.{name}.{name}{{{look}}}" for look, name in names.items())
    return html.replace("</style>", f"{sheet}\n</style>", 1)
