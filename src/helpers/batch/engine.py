"""The papermill engine ``cchc``: the cells run in this very process, by IPython, without a kernel.

``papermill --engine cchc`` uses it by itself, and so does every report of a batch. What a cell puts
out is what a kernel's client would have noted. Not by `execnb`: it sorts what a cell puts out by
kind instead of leaving it in its order, knows no update of a display, and runs cells in a thread.
"""

import atexit
import symtable
import sys
from collections.abc import Callable
from types import ModuleType

import nbformat
import pandas
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from matplotlib import pyplot
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager
from papermill.exceptions import PapermillException
from traitlets import Type
from traitlets.config import Config, MultipleInstanceError

from helpers.batch.outputs import LARGEST_OUTPUT, Outputs, captured

# Of a report that is run again and again: no record of what was typed, no colours to look up.
QUIET = Config({"HistoryManager": {"enabled": False}})

OnCell = Callable[[int, NotebookNode], None]


# --- the shell -----------------------------------------------------------------------------


class Displays(DisplayPublisher):
    """Where `display` puts things."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **_):
        display_id = (transient or {}).get("display_id")
        if update:
            self.shell.outputs.update(display_id, data, metadata or {})
        else:
            self.shell.outputs.display("display_data", data, metadata or {}, display_id=display_id)

    def clear_output(self, wait=False):
        self.shell.outputs.clear(wait)


class Results(DisplayHook):
    """Where the value that ends a cell is put."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.outputs.display(
            "execute_result", format_dict, md_dict or {}, execution_count=self.prompt_count
        )


class Shell(InteractiveShell):
    """IPython, with what cells put out in `outputs`."""

    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)
    outputs: Outputs

    def showtraceback(self, exc_tuple=None, *_args, tb_offset=None, **_named):
        kind, error, trace = exc_tuple or sys.exc_info()
        if issubclass(kind, SystemExit):
            after = f" with status {error.code!r}" if error.code not in (None, 0) else ""
            text = f"the cell ended the notebook{after}; nothing below it was run"
            self.outputs.error("SystemExit", text, [text])
        elif issubclass(kind, UsageError):
            self.outputs.error("UsageError", str(error), [f"UsageError: {error}"])
        elif issubclass(kind, SyntaxError):
            self.showsyntaxerror()
        else:
            lines = self.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
            self.outputs.error(kind.__name__, str(error), lines)

    def showsyntaxerror(self, *_args, **_named):
        kind, error, _ = sys.exc_info()
        lines = self.SyntaxTB.structured_traceback(kind, error, [])
        self.outputs.error(kind.__name__, str(error), lines)

    def ask_exit(self):
        """``exit()`` and ``quit()``, which would end a program."""
        raise SystemExit

    def enable_gui(self, gui=None):
        """There is no window to wait for."""


def new_shell(outputs: Outputs) -> Shell:
    """Make a shell with nothing of an earlier notebook in it.

    Raises
    ------
    PapermillException
        This process is an IPython already, such as a kernel.
    """
    Shell.clear_instance()
    try:
        shell = Shell.instance(config=QUIET)
    except MultipleInstanceError:
        raise PapermillException(
            "The engine cchc is IPython in papermill's own process, and this is an IPython "
            "already: leave the engine out here"
        ) from None
    shell.outputs = outputs
    shell.enable_matplotlib("inline")
    select_figure_formats(shell, {"png"}, bbox_inches="tight")
    pandas.set_option("display.max_columns", 20)  # as in a notebook; pandas asks when imported
    return shell


def _forget(shell: Shell, main: ModuleType) -> None:
    """Let go of a shell, and with it of all that its cells have made."""
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()
    Shell.clear_instance()
    sys.modules["__main__"] = main


# --- the engine ----------------------------------------------------------------------------


class InProcess(Engine):
    """Runs the cells of a notebook in this process.

    Papermill finds it by the entry point ``papermill.engine`` under the name ``cchc``.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        largest_output: int = LARGEST_OUTPUT,
        on_cell: OnCell | None = None,
        execution_timeout: float | None = None,
        **_kwargs,
    ) -> None:
        """Run every code cell until one fails.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            Papermill's notes of the notebook, which is changed in place.
        kernel_name : str
            Not used: there is none.
        largest_output : int
            Bytes that one cell may put out.
        on_cell : callable, optional
            Called with the number and the cell, as it begins and as it ends.
        execution_timeout : float, optional
            Refused: nothing here could stop a cell. `cchc reports --timeout` does.
        """
        if execution_timeout is not None:
            raise PapermillException(
                "The engine cchc has no --execution-timeout: use `cchc reports --timeout`, or "
                "leave the engine out"
            )
        given = nb_man.nb.metadata.papermill.get("parameters", {})
        told = on_cell or (lambda index, cell: None)
        outputs = Outputs(largest_output)
        if (found := assigned_again(nb_man.nb, given)) is not None:
            _refuse(nb_man, *found)
            return
        main = sys.modules["__main__"]  # which IPython replaces by its own
        shell = new_shell(outputs)
        try:
            cls._run_all(nb_man, shell, given, told)
        finally:
            pyplot.close("all")
            _forget(shell, main)

    @classmethod
    def _run_all(
        cls, nb_man: NotebookExecutionManager, shell: Shell, given: dict, told: OnCell
    ) -> None:
        values: dict[str, str] = {}
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            told(index, cell)
            failed = runs(cell) and not run_cell(shell, cell)
            if not failed and (name := _other_value(shell, values)):
                failed = True
                cell.outputs.append(_assigned(name))
            if "injected-parameters" in cell.metadata.get("tags", []):
                values = {name: repr(shell.user_ns.get(name)) for name in given}
            if failed:
                nb_man.cell_exception(cell, index)
            nb_man.cell_complete(cell, index)
            told(index, cell)
            if failed:
                break


def runs(cell: NotebookNode) -> bool:
    """Whether a cell is one that is run, and counted."""
    skipped = "skip-execution" in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped


def run_cell(shell: Shell, cell: NotebookNode) -> bool:
    """Run a code cell, put what it puts out into it, and say whether it went well."""
    outputs = shell.outputs
    outputs.begin()
    cell.outputs, cell.execution_count = outputs.shown, shell.execution_count
    with captured(outputs):
        result = shell.run_cell(cell.source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    if error is not None and not outputs.failed:
        shell.showtraceback((type(error), error, error.__traceback__))
    return not outputs.failed


# --- parameters that are assigned again ----------------------------------------------------


def assigned_again(notebook: NotebookNode, given: dict) -> tuple[int, int, str] | None:
    """Find the first cell below the parameters that assigns one of them again.

    Parameters
    ----------
    notebook : NotebookNode
        With papermill's cell of the parameters given.
    given : dict
        The parameters given.

    Returns
    -------
    tuple of (int, int, str) or None
        Place of the cell in the notebook, its number among the cells that run, and the parameter.
    """
    number, below = 0, False
    for index, cell in enumerate(notebook.cells):
        if not runs(cell):
            continue
        number += 1
        if below and (names := _assigned_names(cell.source) & set(given)):
            return index, number, min(names)
        below = below or "injected-parameters" in cell.metadata.get("tags", [])
    return None


def _assigned_names(source: str) -> set[str]:
    """Names that a cell gives a value at its top level, also from within its functions."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        top = symtable.symtable(TransformerManager().transform_cell(source), "<cell>", "exec")
    except (SyntaxError, ValueError):  # it will say so itself
        return set()
    tables, names = [top], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if (table is top or symbol.is_declared_global()) and (
                symbol.is_assigned() or symbol.is_imported()
            ):
                names.add(symbol.get_name())
    return names


def _other_value(shell: Shell, values: dict[str, str]) -> str | None:
    """Name a parameter that is not what was given, however that came about."""
    return next(
        (name for name, value in values.items() if repr(shell.user_ns.get(name)) != value), None
    )


def _assigned(name: str) -> NotebookNode:
    text = (
        f"{name} is a parameter of this report, and this cell gives it another value: the page "
        "would not be about what its title says. Use another name here."
    )
    found = {"output_type": "error", "ename": "ParameterAssigned", "evalue": text}
    return nbformat.from_dict({**found, "traceback": [text]})


def _refuse(nb_man: NotebookExecutionManager, index: int, number: int, name: str) -> None:
    """Fail a cell before any has run."""
    cell = nb_man.nb.cells[index]
    cell.execution_count = number
    cell.outputs = [_assigned(name)]
    nb_man.cell_start(cell, index)
    nb_man.cell_exception(cell, index)
    nb_man.cell_complete(cell, index)
