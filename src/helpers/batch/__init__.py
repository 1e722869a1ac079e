"""Run notebooks in parallel, each in a process of its own, and say what happened to each.

A `Job` is plain data. Its notebook, the figures and the files it needs travel to the worker as
bytes, and the executed notebook, the page and other files come back as bytes, so that a worker of
a cluster needs no disk in common with the caller. Only the caller writes files, each moved into
place whole.
A job whose inputs have not changed since it was last done is not done again (`keys`).

| module | what it holds |
| --- | --- |
| `jobs` | what is to be done, and what became of it |
| `files` | whole files, and the lock on the outputs folder |
| `keys` | what a job depends on, as one number |
| `record` | ``run.json`` |
| `engine`, `outputs` | papermill's engine: cells by IPython in this process; what they put out |
| `execution` | one job, in this process |
| `parent` | a process that has imported papermill, and forks one for each job |
| `pool` | where jobs run: on this machine, or on a cluster |
| `running` | all jobs, from the caller's side |

Nothing here imports papermill, pandas or Jupyter before there is something to run: when nothing
changed, that would be most of the time.
"""

from helpers.batch.files import Locked, OutputError, write_file
from helpers.batch.jobs import BadNotebook, Job, Result
from helpers.batch.pool import NoCluster, NoProcess
from helpers.batch.running import run

__all__ = [
    "BadNotebook",
    "Job",
    "Locked",
    "NoCluster",
    "NoProcess",
    "OutputError",
    "Result",
    "run",
    "write_file",
]
