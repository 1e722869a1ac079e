"""Toy notebooks and made-up figures, the command, and a wait: what several test modules need."""

import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from helpers import cli, facts

PARAMETERS = 'unit = "?"\nyear = 0'
# What a table of figures has where a test does not say.
USUAL = {"index": "PAR", "year": 2020, "part": "", "status": "accepted", "derivation": ""}
USUAL |= {"sources": "made-up", "note": "", "file": "made-up.csv"}


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook of a cell of parameters and these cells."""
    tagged = new_code_cell(parameters, metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[tagged, *map(new_code_cell, cells)]), path)
    return path


def figures(rows: list[tuple], columns: list[str], **constant) -> pd.DataFrame:
    """Give made-up figures the form of `helpers.facts.load`, the nation what Việt Nam has."""
    table = pd.DataFrame(rows, columns=columns)
    nation = table["unit"] == facts.NATION
    usual = {"unit_type": np.where(nation, "national", "province"), **USUAL}
    usual |= {"line": range(2, len(table) + 2)}
    for name, value in (usual | constant).items():
        if name not in columns:
            table[name] = value
    return table.astype({"value": float})


def cchc(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def wait_for(condition: Callable, seconds: float) -> None:
    """Wait until something holds; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
