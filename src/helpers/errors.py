"""The error that every message for a user comes from."""


class CchcError(Exception):
    """Something the user can mend; ``str(error)`` is the whole message.

    Modules derive their own errors from it, such as ``UnknownUnit`` or ``BadData``. A message says
    what is wrong, where, and what to do. The command line prints it as it is, without a traceback.
    """


class PageWarning(UserWarning):
    """A page was made, and lacks something that its notebook should give it."""
