"""Take the pictures of the documents from the pages of the last run, in a Chromium of this machine.

``make pictures`` makes all reports and then runs this: the start page shows every province. Each
picture is a part of a real page, in English and in Vietnamese; nothing is drawn for it.
"""

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from helpers import paths, printing

WIDTH = 1200
# File of a picture: its page, and the part of it from the top, in pixels of the page.
PICTURES = {
    "start.png": ("en/index.html", 900),
    "province.png": ("en/38-thanh-hoa-2020.html", 1250),
    "start-vi.png": ("index.html", 900),
    "province-vi.png": ("38-thanh-hoa-2020.html", 1250),
}


def take(browser: Browser, page_file: Path, height: int, picture: Path) -> None:
    """Open a page from its file and keep a picture of its top."""
    page = browser.new_page(viewport={"width": WIDTH, "height": height})
    page.goto(page_file.as_uri())
    page.screenshot(path=picture)
    page.close()


def main() -> None:
    folder = paths.project_root() / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=printing.browser(), args=printing.sandbox_options()
        )
        for name, (page, height) in PICTURES.items():
            take(browser, paths.outputs_dir() / "html" / page, height, folder / name)
            print(folder / name)
        browser.close()


if __name__ == "__main__":
    main()
