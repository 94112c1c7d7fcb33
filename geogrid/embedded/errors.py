"""The one error of this package."""


class EmbeddedDatabaseError(Exception):
    """Something the operator can mend; the message is a whole sentence that says how."""
