"""Published figures of Vietnam's PAR INDEX and SIPAS, and what can be said from them.

The modules are floors of one house, and each imports only from those below it: ``paths`` and
``errors``, then ``units``, ``facts``, the statistics, the charts and tables, and at the top the
batch run and the ``cchc`` command.
"""

from importlib.metadata import version

__version__ = version("cchc-notebooks")
