"""Published figures of Vietnam's PAR INDEX and SIPAS, and what can be said from them.

The modules are floors of one house, and each imports only from those below it or beside it. The
README has the drawing ("The house"); at its foot are the figures, at its top the command ``cchc``.
"""

from importlib.metadata import version

__version__ = version("cchc-notebooks")
