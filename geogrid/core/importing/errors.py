"""What stops an import before it has written anything, or between two batches."""

from geogrid.core.errors import Invalid


class ImportRefused(Invalid):
    """The file as a whole cannot be taken: a sentence in English and one in Chinese, for the operator."""

    code = "import_refused"

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(f"{english} {chinese}")
        self.english = english
        self.chinese = chinese
