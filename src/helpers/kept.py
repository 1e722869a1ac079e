"""Results kept by the content of what they were made from, in memory or in a file.

Reports of one year ask for the same national results again and again. One that begins as a copy of
another finds those that it has made.
"""

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

Made = TypeVar("Made")


def stored(path: Path, make: Callable[[], Made]) -> Made:
    """Read what an earlier run stored, or make and store it.

    Parameters
    ----------
    path : Path
        Under a name that changes with all that it is made from.
    make : callable
        Without arguments; of its result each call gets a copy of its own.
    """
    # Not there, half a file, or of another version of a library: reading fails in many ways.
    with contextlib.suppress(Exception):
        return pd.read_pickle(path, compression="gzip")
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    # The most that gzip can takes seven times as long, for a hundredth of the size.
    pd.to_pickle(made, part, compression={"method": "gzip", "compresslevel": 6})
    part.replace(path)  # reports run side by side: none sees half a file
    return made


def by_content(most: int) -> Callable[[Callable], Callable]:
    """Decorate a function so that it is run once for each content of its arguments.

    Parameters
    ----------
    most : int
        Results kept; the oldest goes first.

    Returns
    -------
    callable
        For functions of DataFrames, Series, arrays, dataclasses and sequences of these, and
        hashable values, whose result depends on nothing else and has a ``copy()``. Each call gets a
        copy of its own.
    """

    def decorate(function: Callable) -> Callable:
        results: dict[tuple, object] = {}

        @functools.wraps(function)
        def kept(*args, **named):
            key = (*map(_content, args), *((name, _content(named[name])) for name in sorted(named)))
            if key not in results:
                results[key] = function(*args, **named)
                while len(results) > most:
                    del results[next(iter(results))]
            return results[key].copy()

        return kept

    return decorate


def _content(value) -> Hashable:
    if isinstance(value, pd.Series):
        return ("series", value.name, _content(value.to_frame(0)))
    if isinstance(value, pd.DataFrame):
        labels = (tuple(value.index), tuple(value.columns), tuple(value.dtypes))
        if all(isinstance(kind, np.dtype) and kind.kind != "O" for kind in value.dtypes):
            return ("frame", labels, value.to_numpy().tobytes())
        return ("frame", labels, pd.util.hash_pandas_object(value).to_numpy().tobytes())
    if isinstance(value, np.ndarray):
        return ("array", value.shape, value.dtype.str, value.tobytes())
    if dataclasses.is_dataclass(value):
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return (type(value), *map(_content, fields))
    if isinstance(value, list | tuple):
        return ("sequence", *map(_content, value))
    return value
