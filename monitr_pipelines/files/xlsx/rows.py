"""The rows of the first sheet of a workbook, as its library reads them.

As a program (`python -m`, with how many rows) it reads the workbook at its standard input within limits of
memory, and writes a pickle: the rows, or in a string why there are none.
"""

import pickle
import resource
import sys
import warnings
from typing import BinaryIO

from monitr_pipelines.ledger.wording import cut

Rows = list[tuple[object, ...]]

MOST_MEMORY = 768 * 1024 * 1024
LONGEST_ANSWER = 64 * 1024 * 1024
# The library quotes the cell that it cannot read, whatever its length.
LONGEST_REASON = 300


def read_rows(stream: BinaryIO, most_rows: int | None) -> Rows | str:
    """The rows of the first sheet, or what the library says of a workbook that it cannot read."""
    import pandas as pd  # noqa: PLC0415 - half a second, which only spreadsheets should cost

    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.read_excel(
                stream,
                engine="openpyxl",
                dtype=object,
                header=None,
                sheet_name=0,
                na_filter=False,
                nrows=most_rows,
            )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged workbook fails in any way inside the library
        return cut(f"{type(error).__name__}: {error}", LONGEST_REASON)
    return list(frame.itertuples(index=False, name=None))


def main() -> None:
    """Answer with the rows; exit code 1 where they take more memory than a look is worth."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    try:
        answer = pickle.dumps(read_rows(sys.stdin.buffer, int(sys.argv[1])))
    except MemoryError:
        sys.exit(1)
    if len(answer) > LONGEST_ANSWER:
        sys.exit(1)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
