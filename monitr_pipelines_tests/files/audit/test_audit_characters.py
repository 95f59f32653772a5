"""The characters of XML files: encodings that are not as declared, control characters in labels and codes."""

import pytest
from files_kit import XAF, assert_refused, read, refusal

from monitr_pipelines.lifecycle.messages import Option

CAFE = XAF.replace("Factuur", "Café l\u2019an 5 €")
TOLD = "encoding_untrue"


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("UTF-8", "cp1252"),
        ("utf-16", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("windows-1252", "utf-8"),
        ("ISO-8859-1", "cp1252"),
        ("utf-16", "cp1252"),
        ("US-ASCII", "utf-8"),
    ],
)
def test_an_untrue_declaration_is_told_and_the_text_read(declared: str, written: str) -> None:
    found = read(CAFE.replace("UTF-8", declared).encode(written))
    assert found.lines[0].description == "Café l\u2019an 5 €"
    if declared != "US-ASCII":
        assert [finding.code for finding in found.file.findings] == [TOLD]
        assert found.file.interpretation["encoding"].startswith(f"{written} (")


@pytest.mark.parametrize(
    ("declared", "written"),
    [("UTF-8", "utf-8"), ("windows-1252", "cp1252"), ("UTF-16", "utf-16"), ("iso-8859-15", "iso-8859-15")],
)
def test_a_true_declaration_needs_no_word(declared: str, written: str) -> None:
    text = CAFE.replace("\u2019", "'") if written == "iso-8859-15" else CAFE
    found = read(text.replace("UTF-8", declared).encode(written))
    assert found.lines[0].description in {"Café l\u2019an 5 €", "Café l'an 5 €"}
    assert found.file.findings == []


def test_no_declaration_is_utf_8() -> None:
    bare = CAFE.split("\n", 1)[1]
    assert read(bare.encode()).file.findings == []
    assert [finding.code for finding in read(bare.encode("cp1252")).file.findings] == [TOLD]


def test_the_encoding_that_was_given_holds() -> None:
    found = read(XAF.replace("Factuur", "Café").encode("cp850"), encoding="cp850")
    assert found.lines[0].description == "Café"
    assert found.file.findings == []
    assert found.file.interpretation["encoding"] == "cp850 (given)"


@pytest.mark.parametrize("bad", [b"Caf\x81", "Café".encode() + b" Caf\xe9"])
def test_bytes_of_no_one_encoding_are_asked_about(bad: bytes) -> None:
    error = refusal(XAF.encode().replace(b"Factuur", bad, 1))
    assert error.code == "needs_answer"
    assert error.messages[0].answers[0].name is Option.ENCODING


@pytest.mark.parametrize("written", ["\x01", "\x1f", "&#1;", "&#x1F;", "&#x0b;", "\x7f"])
def test_a_control_character_in_a_label_is_a_blank(written: str) -> None:
    found = read(XAF.replace("Factuur", f"Fac{written}tuur").replace("Omzet", f"Om{written}zet"))
    assert {line.description for line in found.lines} == {"Fac tuur"}
    assert found.file.accounts["8000"].name == "Om zet"
    assert [finding.code for finding in found.file.findings] == ["control_characters"]
    assert "(3, the first in line 4, 8, 9)" in found.file.findings[0].message


def test_references_are_seen_wherever_the_reading_is_divided() -> None:
    for blanks in range(4_096 - 1_000, 4_096 - 600):
        text = XAF.replace("<header>", f"{' ' * blanks}<header>").replace("Factuur", "Fac&#x1F;tuur", 1)
        assert read(text).lines[0].description == "Fac tuur"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<accID>8000</accID><docRef>", "<accID>80\x0100</accID><docRef>", "column accid"),
        ("<docRef>F1", "<docRef>F\x1f1", "column docref"),
        ("2026-01-05", "2026-01\x02-05", "column trdt"),
        ("100.00", "10&#3;0.00", "column amnt"),
    ],
)
def test_a_control_character_in_a_code_a_date_or_an_amount_is_refused(old: str, new: str, told: str) -> None:
    assert_refused(XAF.replace(old, new), 8 if "trdt" not in told else 7, "control character", told)


@pytest.mark.parametrize("written", ["\0", "&#0;", "&#xD800;", "&x;"])
def test_what_no_text_has_is_refused_as_before(written: str) -> None:
    assert_refused(XAF.replace("Factuur", f"Fac{written}tuur"), 8, "faulty")
