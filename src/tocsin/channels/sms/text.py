"""What fits into a short message: GSM 03.38 where it can be, UCS-2 where it must be."""

from dataclasses import dataclass

# The default alphabet of GSM 03.38, and what costs two because it needs an escape.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
# Signs that only look better: telling them apart would halve the room of the whole message.
_PLAINER = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        "\u2026": "...",
        "\u2192": "->",
        "\u00d7": "x",
    }
)
PARTS = 3


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """How much one message holds alone, and as one part of several; and what stands for a cut."""

    alone: int
    joined: int
    mark: str


_GSM = _Alphabet(alone=160, joined=153, mark="...")
_UCS2 = _Alphabet(alone=70, joined=67, mark="…")


def is_gsm(text: str) -> bool:
    """Say whether a text can be written in GSM 03.38."""
    return all(c in _BASIC or c in _EXTENDED for c in text)


def parts(text: str) -> int:
    """Return how many parts a text takes. No sign is torn between two parts."""
    alphabet = _GSM if is_gsm(text) else _UCS2
    sizes = [_size(c, alphabet) for c in text]
    if sum(sizes) <= alphabet.alone:
        return 1
    count, room = 1, alphabet.joined
    for size in sizes:
        if size > room:
            count, room = count + 1, alphabet.joined
        room -= size
    return count


def _size(sign: str, alphabet: _Alphabet) -> int:
    if alphabet is _GSM:
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1


def fitted(text: str, end: str = "", most: int = PARTS) -> str:
    """Return a text that takes so many parts at most, cut at a word where it is too long.

    `end` (a link) is kept whole, on a line of its own, unless it is longer than all there is.
    """
    text, end = _plain(text), _plain(end)
    tail = f"\n{end}" if end else ""
    if tail and parts(tail) > most:
        tail = ""
    whole = f"{text}{tail}".strip()
    if parts(whole) <= most:
        return whole
    # The longest beginning that fits: longer ones never take fewer parts.
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if parts(f"{text[:middle]}{_GSM.mark}{tail}") <= most:
            low = middle
        else:
            high = middle - 1
    cut = _at_a_word(text, low)
    # "…" is no sign of GSM 03.38: there it would cost more than half of the room.
    mark = _GSM.mark if is_gsm(f"{cut}{tail}") else _UCS2.mark
    return f"{cut}{mark}{tail}"


def _at_a_word(text: str, length: int) -> str:
    cut = text[:length]
    if length < len(text) and not text[length].isspace():
        words = cut.rsplit(maxsplit=1)
        # A single long word is cut within itself, rather than all of it being lost.
        if len(words) == 2 and len(words[0]) >= length // 2:
            cut = words[0]
    return cut.rstrip()


def _plain(text: str) -> str:
    text = text.translate(_PLAINER)
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return "\n".join(" ".join(line.split()) for line in kept.splitlines()).strip()
