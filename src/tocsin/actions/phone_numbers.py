"""Telephone numbers in E.164 (`+46701234567`), as every provider of calls and short messages asks.

Nothing is guessed: a number without its country is refused, and so is one that cannot exist.
"""

import re

from tocsin.kit.invalid import Invalid

_DIGITS = re.compile(r"\+[0-9]+", re.ASCII)
_SHORTEST, _LONGEST = 7, 15
# What people put between digits, so that they can read them.
_BETWEEN = re.compile(r"[ \u00a0\u2011\u2013./()-]", re.ASCII)
# The calling codes that ITU has given to countries and to satellite networks, by their length.
# Shared-cost and premium codes (808, 888, 979) are left out: nobody is called there by mistake.
_CODES = frozenset(
    """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63
    64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226
    227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249
    250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298
    299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382
    383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594
    595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689
    690 691 692 850 852 853 855 856 870 880 881 882 883 886 960 961 962 963 964 965 966 967 968
    970 971 972 973 974 975 976 977 992 993 994 995 996 998
    """.split()  # noqa: SIM905  # 220 strings in quotes are no easier to read
)
# Countries whose numbers begin with 0 also when they are dialled from abroad.
_KEEP_ZERO = frozenset({"39", "225", "229", "241", "242", "378"})
# North America: three digits of area and three of exchange, neither of which begins with 0 or 1.
_NORTH_AMERICA = re.compile(r"1[2-9][0-9]{2}[2-9][0-9]{6}")


def read(text: str) -> str:
    """Return a number as E.164; what is put between digits is left out, and ``00`` is ``+``.

    Raises `Invalid` for ``address``, with what would be right.

    >>> read("+46 (0)70-123 45 67"), read("0044 20 7946 0000")
    ('+46701234567', '+442079460000')
    """
    # "+46 (0)70": the zero is dialled inside the country only.
    found = _BETWEEN.sub("", text.strip().replace("(0)", ""))
    if found.startswith("00"):
        found = f"+{found[2:]}"
    if not _DIGITS.fullmatch(found):
        raise Invalid("address", "must be a number with its country, such as +46701234567")
    digits = found[1:]
    code = _code(digits)
    if not _SHORTEST <= len(digits) <= _LONGEST:
        raise Invalid("address", f"has {len(digits)} digits, not {_SHORTEST} to {_LONGEST}")
    if digits[len(code)] == "0" and code not in _KEEP_ZERO:
        raise Invalid("address", f"has a 0 after the country's +{code}: leave that 0 out")
    if code == "1" and not _NORTH_AMERICA.fullmatch(digits):
        raise Invalid("address", "is no number of North America: +1 and ten digits")
    return found


def _code(digits: str) -> str:
    """Return the country's calling code that a number begins with."""
    for length in (1, 2, 3):
        if digits[:length] in _CODES and len(digits) > length:
            return digits[:length]
    raise Invalid("address", f"begins with +{digits[:3]}, which is no country's code")


def hidden(number: str) -> str:
    """Return a number of which only the ends can be read, for logs and pages.

    >>> hidden("+46701234567")
    '+467…567'
    """
    return f"{number[:4]}…{number[-3:]}" if len(number) > 9 else "…"
