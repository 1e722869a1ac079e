"""A kernel's stdout and stderr that are sent on only where something was written."""

from ipykernel import iostream


class OutStream(iostream.OutStream):
    """ipykernel's stream, but flushing what is empty costs nothing.

    ipykernel flushes both streams three times a cell, and each time waits for another thread.
    """

    def flush(self) -> None:
        # A process that the notebook forked has no such thread, and its writes are not noted.
        if self._flush_pending or not self._is_master_process():
            super().flush()
