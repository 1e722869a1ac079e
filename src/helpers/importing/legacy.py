"""Recognise Vietnamese text in the font encodings of before Unicode, TCVN3 (ABC) and VNI.

Such text is other letters that a font such as .VnTime draws as Vietnamese: "Hµ Néi" for Hà Nội.
It is recognised when it reads as the name of a province, and not taken, since figures beside it
may be from a font too.
"""

import re
import unicodedata

from helpers import units

# The letters of TCVN 5712:1993, third table, at their places in the upper half of a code page.
_TCVN3 = {
    code: letter
    for first, letters in (
        (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
        (0xB5, "àảãáạ"),
        (0xBB, "ằẳẵắ"),
        (0xC6, "ặầẩẫấậè"),
        (0xCE, "ẻẽéẹềểễếệìỉ"),
        (0xDC, "ĩíịò"),
        (0xE1, "ỏõóọồổỗốộờởỡớợù"),
        (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
    )
    for code, letter in enumerate(letters, first)
}
# VNI writes a letter and its marks as two characters.
_TONES = dict(zip("øùûõï", "\u0300\u0301\u0309\u0303\u0323", strict=True))
_VNI_MARKS = {
    **_TONES,
    "â": "\u0302",
    "ê": "\u0306",
    **dict(zip("àáåãä", ("\u0302" + tone for tone in _TONES.values()), strict=True)),
    **dict(zip("èéúüë", ("\u0306" + tone for tone in _TONES.values()), strict=True)),
}
_VNI_PAIR = re.compile(f"([aeouyöô])([{''.join(_VNI_MARKS)}])")
_VNI_LETTERS = str.maketrans({"ñ": "đ", "ö": "ư", "ô": "ơ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"})
_OF_UNICODE = re.compile("[\u1e00-\u1eff]")
ADVICE = (
    "The text is in {encoding}, an encoding of before Unicode (fonts such as {font}). Convert it "
    'first: in Unikey, "Công cụ" (Ctrl+Shift+F6), from {encoding} to Unicode; then save the file '
    'as XLSX or as "CSV UTF-8".'
)
_FONTS = {"TCVN3": ".VnTime", "VNI Windows": "VNI-Times"}


def encoding_of(text: str) -> str | None:
    """Name the old encoding in which a text is the name of a province; None if it is in none."""
    # No page of 256 letters has those that Unicode added for Vietnamese.
    if text.isascii() or len(text) > 60 or _OF_UNICODE.search(text) or units.matching(text):
        return None
    for letters in _as_latin(text):
        for encoding, convert in (("TCVN3", _from_tcvn3), ("VNI Windows", _from_vni)):
            converted = convert(letters)
            if converted != letters.lower() and units.matching(converted):
                return encoding
    return None


def advice(encoding: str) -> str:
    """Say what to do with a file in an old encoding."""
    return ADVICE.format(encoding=encoding, font=_FONTS[encoding])


def _as_latin(text: str) -> list[str]:
    """Give the text as its bytes look on a Latin page, whichever page it was read on."""
    forms = [text]
    for page in ("cp1258", "cp1252"):
        try:
            forms.append(text.encode(page).decode("latin-1"))
        except UnicodeError:
            continue
    return forms


def _from_tcvn3(text: str) -> str:
    return text.translate(_TCVN3)


def _from_vni(text: str) -> str:
    paired = _VNI_PAIR.sub(lambda pair: pair[1] + _VNI_MARKS[pair[2]], text.lower())
    return unicodedata.normalize("NFC", paired.translate(_VNI_LETTERS))
