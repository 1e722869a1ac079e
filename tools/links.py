"""Follow every link between the pages of a folder: ``python tools/links.py outputs/html``.

Names each that leads to no file, or to no place on its page, and ends with 1 if there is any. A
fragment that a script reads, as on the page that compares two provinces, is no place: only the
page must be there.
"""

import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from lxml import html

READ_BY_SCRIPT = ("so-sanh-", "compare-")


def dead(folder: Path) -> list[str]:
    """Links that lead nowhere, each with the page that it stands on.

    Parameters
    ----------
    folder : Path
        With its HTML pages, also in folders below.
    """
    pages = {path.resolve(): html.parse(path).getroot() for path in sorted(folder.rglob("*.html"))}
    places = {path: set(page.xpath("//@id")) for path, page in pages.items()}
    found = []
    for path, page in pages.items():
        for link in dict.fromkeys(page.xpath("//a/@href")):
            if urlsplit(link).scheme:
                continue
            file, place = urldefrag(unquote(link))
            target = (path.parent / file).resolve() if file else path
            is_place = not place or target.name.startswith(READ_BY_SCRIPT)
            if not target.exists() or not (is_place or place in places.get(target, ())):
                found.append(f"{path.relative_to(folder.resolve())}: {link}")
    return found


if __name__ == "__main__":
    wrong = dead(Path(sys.argv[1]))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)
