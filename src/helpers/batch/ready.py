"""What every worker starts with, also for the process that workers are forked from."""

import sys

# jsonschema, which nbformat imports, would build a grammar of addresses for most of a second, to
# check what no notebook has; without that module it does not.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat  # noqa: E402

from helpers.batch import execution as execution  # noqa: E402

nbformat.validate(nbformat.v4.new_notebook())  # which makes a validator, once
