"""docs/promises.md: which test decides which promise, made from the markers of the tests."""

import ast
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "promises.md"
PROMISES = {
    "P1": "No lost deadline: each that passes is recorded and told, whatever is killed when",
    "P2": "No double alert: a unique key in the database, not a flag",
    "P3": "Fencing: who lost a lease can complete, retry and send nothing",
    "P4": "On time: how late what falls due is decided",
    "P5": "Catching up without a storm",
    "P6": "One clock: the database's; a machine whose own is off stands down",
    "P7": "Clock jumps fire and take back nothing",
    "P9": "Somebody watches the watcher",
    "P10": "Poison cannot stop the line",
    "P11": "A provider's outage loses nothing",
    "P13": "Webhooks that come twice or out of order do no harm",
    "P15": "Outgoing webhooks follow Standard Webhooks",
    "P19": "No change without its fact in the same transaction",
    "P26": "One tenant's world does not depend on another's",
    "P27": "Denied by default, and the same as not found",
    "P28": "One access layer",
    "P31": "A strict policy on every answer, fragments and errors included",
    "P32": "No request of the server reaches inside",
    "P33": "Secrets are for whom they are meant",
    "P34": "Signing in; who is disabled is out within five seconds, open streams included",
    "P35": "Reading in bulk is seen, and stopped at a budget",
    "P36": "Rules cannot hang, climb or run anything",
    "P38": "Accessible: no violation on any page, in both themes, and all by keyboard",
    "A2": "Answers with rights that somebody no longer has",
    "A11": "Words of customers that become part of a page",
    "A17": "Webhooks that nobody signed",
    "A18": "Endpoints that check nothing",
    "A19": "Endpoints of what is switched off",
    "A20": "No secret, and so no check",
    "A21": "Webhooks that are sent again",
    "A23": "Requests of the server to the inside",
    "A24": "Callbacks of a sign-in elsewhere that lead to somebody else",
    "A25": "Signatures that their readers cannot verify",
    "A26": "Writing fields that no form has",
    "A27": "Filters and orders that reach into other tables",
    "A28": "Learning from counts, orders, answers and times",
    "A29": "Reaching for what is somebody else's by its number",
    "A30": "Side doors: actions on two things of which one is somebody else's",
    "A31": "Listening to what is not for one",
    "A32": "Changing something by looking at it",
    "A33": "Checks that answer instead of stopping",
    "A34": "Slow readers and floods of streams",
    "A35": "Headers that say who somebody is",
    "A36": "Headers that say where somebody is",
    "A37": "Invitations that live on",
    "A38": "Finding out who has an account",
    "A39": "Guessing passwords",
    "A40": "Sessions that survive a new password or a deactivation",
    "A41": "A new password or address without proving who asks",
    "A42": "Poisoned hosts, redirects to elsewhere, forged forms",
    "A43": "Two providers that know the same address",
    "A44": "Tokens in clear, and tokens found by timing",
    "A45": "Default accounts, and an installer that stays open",
    "A46": "Formulas in exported lists",
    "A47": "Calendars that inject lines, and feeds that leak",
    "A48": "Templates that run something",
    "A49": "Expressions that never end",
    "A50": "Rules that start each other",
    "A51": "Names of files in addresses",
    "A52": "Pages whose parts take over its scripts",
    "A53": "Somebody with an account who empties the desk",
    "A56": "Verifiers that fall over instead of refusing",
    "F5": "A clock that jumps",
    "F9": "A provider that is away, slow, or says no",
    "F14": "Two of a kind race",
    "F15": "Long transactions, and changes of tables in line behind them",
    "F17": "A deployment under load",
    "F22": "Streams that never read",
    "F32": "A key of the installation that was changed, or is lost",
}
HEAD = """# Promises, attacks and faults, and the tests that decide them

Made from the markers of the tests; written anew by
`TOCSIN_RENEW=1 make test ARGS=tests/test_promises.py`.
Beside these, `make chaos` decides P1, P2, P3 and P10 together on a whole desk under kill -9.

| what | decided by |
|---|---|
"""


def marked() -> Iterator[tuple[str, str]]:
    """Yield each promise with the test that carries its marker."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
                    for argument in mark.args:
                        assert isinstance(argument, ast.Constant)
                        yield str(argument.value), f"{path.relative_to(ROOT)}: {node.name}"


def page() -> str:
    found: dict[str, list[str]] = defaultdict(list)
    for promise, test in marked():
        found[promise].append(test)
    rows = []
    for promise in sorted(found, key=lambda id_: ("PAF".index(id_[0]), int(id_[1:]))):
        tests = "<br>".join(f"`{test}`" for test in sorted(found[promise]))
        rows.append(f"| **{promise}** {PROMISES[promise]} | {tests} |\n")
    return HEAD + "".join(rows)


def test_the_page_of_promises_is_that_of_the_tests() -> None:
    if os.environ.get("TOCSIN_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
