"""What text is let in (rulings 1.9)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing_server.core.text import CONTROL, UnfitText, clean, verbatim


@given(st.text())
def test_clean_text_is_nfc_without_blank_ends_and_stays_as_it_is(text):
    try:
        kept = clean(text)
    except UnfitText:
        assert CONTROL.search(text.replace("\r\n", "\n"))
        return

    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip() == clean(kept)


@pytest.mark.parametrize("character", [chr(code) for code in range(32) if chr(code) not in "\t\n"])
def test_no_control_character_but_tab_and_newline_is_let_in(character):
    for let_in in (clean, verbatim):
        with pytest.raises(UnfitText, match="control characters are not allowed"):
            let_in(f"a{character}b")


@pytest.mark.parametrize("surrogate", [chr(0xD800), chr(0xDFFF), f"x{chr(0xDC00)}y"])
def test_half_a_character_is_not_let_in(surrogate):
    with pytest.raises(UnfitText):
        clean(surrogate)


def test_verbatim_text_keeps_its_blanks():
    assert verbatim("  e\u0301 ") == "  \u00e9 "
    assert clean("  e\u0301 ") == "\u00e9"
