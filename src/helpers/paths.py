"""Where the project's folders are.

The package is installed editable from the checkout, so the folders are found from the place of
this file, whatever the current directory is: a kernel starts in the notebook's folder, a batch run
in the user's.
"""

import os
from functools import lru_cache
from pathlib import Path

from helpers.errors import CchcError

# Where a batch run's reports find figures and put files; a worker may be on another machine.
DATA, OUTPUTS = "CCHC_DATA", "CCHC_OUTPUTS"


class NotACheckout(CchcError):
    """The package does not run from a checkout of the project, so there are no figures to read."""


@lru_cache
def project_root() -> Path:
    """Folder of the checkout: the one that holds ``pyproject.toml`` and ``data/``.

    Returns
    -------
    Path
        Absolute path.

    Raises
    ------
    NotACheckout
        The package was copied into an environment instead of being installed editable.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "pyproject.toml").is_file() or not (root / "data").is_dir():
        raise NotACheckout(
            f"No project around {Path(__file__).parent}: data/ and notebooks/ are not there. "
            "Install the package from a checkout with `pip install -e .`, or run `make reports`."
        )
    return root


def data_dir() -> Path:
    """Folder of the published figures, ``data/``, or the one named by CCHC_DATA.

    Raises as `project_root`.
    """
    return Path(os.environ[DATA]) if os.environ.get(DATA) else project_root() / "data"


def notebooks_dir() -> Path:
    """Folder of the notebooks, ``notebooks/``. Raises as `project_root`."""
    return project_root() / "notebooks"


def outputs_dir() -> Path:
    """Folder of what a run makes, ``outputs/``, or the one named by CCHC_OUTPUTS.

    It may not exist yet. Raises as `project_root`.
    """
    return Path(os.environ[OUTPUTS]) if os.environ.get(OUTPUTS) else project_root() / "outputs"
