"""The one door to files of rows: CSV, TSV, JSON lines, a JSON list, parquet, and data sets of the Hugging Face hub.

Whatever is wrong with a file or a row is an InputError that names the file, the row and what is allowed there.
"""

from judgebench.rows.files import SUFFIXES, Table, open_file, read, read_object
from judgebench.rows.formats import SEPARATED, each_record
from judgebench.rows.hub import is_dataset, open_dataset
from judgebench.rows.row import Row, finite_numbers, shown

__all__ = [
    "SEPARATED", "SUFFIXES", "Row", "Table", "each_record", "finite_numbers", "is_dataset", "open_table", "read",
    "read_object", "shown",
]  # fmt: skip


def open_table(name: str, *, separator: str | None = None, encoding: str | None = None) -> Table:
    """The table of that name: a data set where it begins with hf:, a file otherwise. `separator` and `encoding` are for
    CSV and TSV files; where they are not set, the file's beginning decides."""
    return open_dataset(name) if is_dataset(name) else open_file(name, separator=separator, encoding=encoding)
