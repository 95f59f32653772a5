"""Small ledger files at random: good ones that lie across one another, and bad ones of every kind."""

from dataclasses import dataclass, field
from random import Random

from monitr_pipelines.files import Mode
from monitr_pipelines_tests.files.files_kit import FEC_HEADER, fec_line

HEADER = "date,account_code,account_name,description,debit,credit,dimension1,dimension2\n"
ACCOUNTS = ("100000", "400000", "440000", "550000", "610000", "700000")
DAYS = tuple(f"{year}-{month}-{day}" for year in (2024, 2025, 2026) for month in ("01", "06", "12")
             for day in ("01", "15"))  # fmt: skip
LARGE = 999_999_999_999_999


@dataclass(frozen=True)
class RandomFile:
    """A file as someone gives it."""

    content: bytes
    mode: str
    settings: dict[str, bool] = field(default_factory=dict)


def random_file(random: Random, earlier: list[RandomFile]) -> RandomFile:
    """A file; one in four has the content of an earlier one, if often in another mode."""
    if earlier and random.random() < 0.25:
        content = random.choice(earlier).content
    else:
        content = random.choice(KINDS)(random).encode()
    settings = {"allow_shrink": random.random() < 0.7, "allow_unbalanced": random.random() < 0.2}
    return RandomFile(content, random.choice(tuple(Mode)), settings)


def csv(random: Random) -> str:
    rows = [row for _ in range(random.randint(1, 4)) for row in booking(random)]
    return HEADER + "".join(random.sample(rows, len(rows)))


def booking(random: Random) -> tuple[str, str]:
    day, amount = random.choice(DAYS), random.randint(1, 4)
    debit, credit = random.sample(ACCOUNTS, 2)
    name, axes = random.choice(("", "Name", "Other")), random.choice((",", "Shop,", "Shop,North"))
    return (f"{day},{debit},{name},Sale,{amount},,{axes}\n", f"{day},{credit},{name},Sale,,{amount},{axes}\n")


def fec(random: Random) -> str:
    """Entries with numbers that other files have too."""
    lines = []
    for number in range(1, random.randint(2, 4)):
        day = random.choice(DAYS).replace("-", "")
        amount, account = f"{random.randint(1, 4)},00", random.choice(ACCOUNTS)
        lines.append(fec_line(number=str(number), date=day, account=account, debit=amount, credit="0,00"))
        lines.append(fec_line(number=str(number), date=day, account="700000", debit="0,00", credit=amount))
    return FEC_HEADER + "".join(lines)


def one_sided(random: Random) -> str:
    return csv(random) + f"{random.choice(DAYS)},550000,,,{random.randint(1, 3)},,,\n"


def no_ledger(random: Random) -> str:
    return "<html><body>Sign in</body></html>"


def many_faults(random: Random) -> str:
    """More findings than PostgreSQL takes as the text of an error."""
    return HEADER + "".join(f"no date {'x' * 80} {number},4,,,1,,,\n" for number in range(200))


def long_code(random: Random) -> str:
    code = "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=6000))
    return HEADER + f"2025-01-01,{code},,,1,,,\n2025-01-01,400000,,,,1,,\n"


def long_dimension(random: Random) -> str:
    value = "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=6000))
    return HEADER + f"2025-01-01,400000,,,1,,{value},\n2025-01-01,700000,,,,1,,\n"


def large_sum(random: Random) -> str:
    rows = f"2025-01-01,400000,,,{LARGE},,,\n2025-01-01,700000,,,,{LARGE},,\n"
    return HEADER + rows * 110


KINDS = (*[csv] * 12, *[fec] * 3, one_sided, one_sided, no_ledger, many_faults, long_code, long_dimension,
         large_sum)  # fmt: skip
