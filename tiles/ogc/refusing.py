"""Refusals of the OGC API: its standards want 400 for a query that cannot be answered."""

from geogrid.core.errors import GeoGridError


class BadQuery(GeoGridError):
    """A parameter of the query is unknown or wrong."""

    status = 400
    code = "bad_query"


class NotAcceptable(GeoGridError):
    """A form of answer is asked for that there is not."""

    status = 406
    code = "not_acceptable"


class ChangedMeanwhile(GeoGridError):
    """If-Match names another version than there is now."""

    status = 412
    code = "changed_meanwhile"


class UnknownMediaType(GeoGridError):
    """What was sent is no GeoJSON."""

    status = 415
    code = "unsupported_media_type"
