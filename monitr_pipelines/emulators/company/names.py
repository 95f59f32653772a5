"""Names of companies that do not exist: made-up words, never a person's name."""

from random import Random

_BEGINNINGS = ("Vel", "Tir", "Oska", "Bru", "Lumi", "Kar", "Zeno", "Mav", "Quor", "Fenn", "Dro", "Halv")
_ENDINGS = ("mora", "sana", "vix", "lora", "dent", "quist", "nova", "bric", "tura", "zel", "pora", "kanti")
_BRANCHES = ("Logistics", "Trading", "Foods", "Textiles", "Energy", "Print", "Tools", "Glass", "Packaging")

PROJECTS = (("P01", "Aurora"), ("P02", "Basalt"), ("P03", "Cobalt"), ("P04", "Delta"), ("P05", "Ember"))


def companies(random: Random, count: int, legal_form: str) -> list[str]:
    """So many different names.

    >>> len(set(companies(Random(1), 40, "BV")))
    40
    """
    names: dict[str, None] = {}
    while len(names) < count:
        words = (random.choice(_BEGINNINGS) + random.choice(_ENDINGS), random.choice(_BRANCHES), legal_form)
        names[" ".join(words)] = None
    return list(names)
