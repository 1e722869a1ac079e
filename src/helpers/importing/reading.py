"""Turn a file into sheets of cells, in a process of its own, with limits."""

import os
import subprocess
import sys
from pathlib import Path

from helpers.importing.cells import Sheet, from_json
from helpers.importing.child import REFUSED
from helpers.importing.refusal import Refused

SECONDS = 25  # of the 30 that an import may take


def read(path: Path, seconds: float = SECONDS) -> list[Sheet]:
    """Read every sheet of an XLSX, XLS, ODS, CSV, TSV or PDF file.

    Parameters
    ----------
    path : Path
    seconds : float
        After this time the reader is stopped.

    Returns
    -------
    list of Sheet

    Raises
    ------
    Refused
        The file is of another kind, locked, damaged, or takes too much time or memory to read.
    """
    command = [sys.executable, "-P", "-m", "helpers.importing.child", str(path.resolve())]
    # Many threads would each reserve memory, and the reader needs one.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(
            f"{path.name}: reading it took more than {seconds:g} seconds. Copy the table alone "
            "into a new workbook."
        ) from None
    told = done.stdout.decode("utf-8", "replace")
    if done.returncode == REFUSED:
        raise Refused(f"{path.name}: {told}")
    if done.returncode:
        raise Refused(
            f"{path.name}: the reader broke down on it (status {done.returncode}), as it does "
            "when memory runs out. Copy the table alone into a new workbook."
        )
    return from_json(told)
