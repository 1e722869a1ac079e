"""The papermill engine ``cchc``: the cells run in this very process, by IPython, without a kernel.

``papermill --engine cchc`` uses it by itself, and so does every report of a batch. What a cell puts
out is what a kernel's client would have noted. Not by `execnb`: it sorts what a cell puts out by
kind instead of leaving it in its order, knows no update of a display, and runs cells in a thread.
"""

import atexit
import functools
import sys
from collections.abc import Callable

import pandas
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import select_figure_formats
from matplotlib import pyplot
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager
from papermill.exceptions import PapermillException
from traitlets import Type
from traitlets.config import Config

from helpers.batch.jobs import LARGEST_OUTPUT
from helpers.batch.outputs import Outputs, captured, reading

# Of a report that is run again and again: no record of what was typed, no colours to look up.
QUIET = Config({"HistoryManager": {"enabled": False}})

ASSIGNED = (
    "{} is a parameter of this report, and this cell gives it another value: the page "
    "would not be about what its title says. Use another name here."
)


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


in_python = functools.lru_cache(1000)(TransformerManager().transform_cell)


class Transformers(TransformerManager):
    """What turns magics into Python, once for each text: reports have the same cells."""

    def transform_cell(self, cell):
        changed = vars(self) != vars(TransformerManager())  # as by a cell that adds one of its own
        return super().transform_cell(cell) if changed else in_python(cell)


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
        else:
            told = self.InteractiveTB.structured_traceback
            if issubclass(kind, SyntaxError):
                told, trace = self.SyntaxTB.structured_traceback, []
            lines = told(kind, error, trace, tb_offset=tb_offset)
            self.outputs.error(kind.__name__, str(error), lines)

    def showsyntaxerror(self, *_args, **_named):
        self.showtraceback()

    def ask_exit(self):
        """``exit()`` and ``quit()``, which would end a program."""
        raise SystemExit

    def enable_gui(self, gui=None):
        """There is no window to wait for."""


def new_shell(outputs: Outputs) -> Shell:
    """Make a shell with nothing of an earlier notebook in it."""
    Shell.clear_instance()
    shell = Shell.instance(config=QUIET)
    shell.outputs = outputs
    shell.input_transformer_manager = Transformers()
    shell.enable_matplotlib("inline")
    select_figure_formats(shell, {"png"}, bbox_inches="tight")
    pandas.set_option("display.max_columns", 20)  # as in a notebook; pandas asks when imported
    return shell


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
        on_cell: Callable[[int], object] = lambda number: None,
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
            Called with the number of each cell as it begins.
        execution_timeout : float, optional
            Refused: nothing here could stop a cell. `cchc reports --timeout` does.
        """
        if execution_timeout is not None:
            raise PapermillException(
                "The engine cchc has no --execution-timeout: use `cchc reports --timeout`, or "
                "leave the engine out"
            )
        main = sys.modules["__main__"]  # which IPython replaces by its own
        shell = new_shell(Outputs(largest_output))
        try:
            with reading(shell.outputs):
                cls._run_all(nb_man, shell, on_cell)
        finally:
            pyplot.close("all")
            atexit.unregister(shell.atexit_operations)
            Shell.clear_instance()
            sys.modules["__main__"] = main

    @classmethod
    def _run_all(cls, nb_man: NotebookExecutionManager, shell: Shell, told: Callable) -> None:
        given = nb_man.nb.metadata.papermill.get("parameters", {})
        values: dict[str, str] = {}
        for index, cell in enumerate(nb_man.nb.cells):
            tags = cell.metadata.get("tags", [])
            nb_man.cell_start(cell, index)
            if cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in tags:
                cell.execution_count = shell.execution_count
                told(cell.execution_count)
                run_cell(shell, cell)
            if not shell.outputs.failed:
                _refuse_another_value(shell, values)
            if "injected-parameters" in tags:
                values = {name: repr(shell.user_ns.get(name)) for name in given}
            if shell.outputs.failed:
                nb_man.cell_exception(cell, index)
            nb_man.cell_complete(cell, index)
            if shell.outputs.failed:
                break


def run_cell(shell: Shell, cell: NotebookNode) -> None:
    """Run a code cell, and put what it puts out into it."""
    outputs = shell.outputs
    cell.outputs = outputs.begin()
    with captured(outputs):
        result = shell.run_cell(cell.source, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    if error is not None and not outputs.failed:
        shell.showtraceback((type(error), error, error.__traceback__))


def _refuse_another_value(shell: Shell, values: dict[str, str]) -> None:
    """Fail a cell after which a parameter is not what was given, however that came about."""
    for name, value in values.items():
        if repr(shell.user_ns.get(name)) != value:
            text = ASSIGNED.format(name)
            return shell.outputs.error("ParameterAssigned", text, [text])
