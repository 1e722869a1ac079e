"""The errors of an import."""

from helpers.errors import CchcError


class Refused(CchcError):
    """The file, or what it says, cannot be taken; nothing was written."""


class WrongArgument(CchcError):
    """An option of the import does not fit the file or is not known."""


def several(head: str, messages: list[str], shown: int = 12) -> Refused:
    """Make one refusal out of many messages; those beyond ``shown`` are only counted."""
    lines = [f"  {message}" for message in messages[:shown]]
    more = len(messages) - shown
    lines += [f"  ... and {more} more"] if more > 0 else []
    return Refused("\n".join([head, *lines]))
