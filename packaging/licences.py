"""Which licences Tagroll may ship other people's code under, and the texts that go with them.

Promise: a crate without a licence that `licences.toml` allows, or without a text that can be shown, is refused by name.
"""

import re
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent

# A word in the name of a licence file, and the licences that such a file belongs to.
NAMED = [
    ("UNLICENSE", {"Unlicense"}),
    ("APACHE", {"Apache-2.0", "Apache-2.0 WITH LLVM-exception"}),
    ("MIT-0", {"MIT-0"}),
    ("MIT", {"MIT"}),
    ("ZLIB", {"Zlib"}),
    ("BOOST", {"BSL-1.0"}),
    ("BSL", {"BSL-1.0"}),
    ("0BSD", {"0BSD"}),
    ("BSD", {"BSD-2-Clause", "BSD-3-Clause"}),
    ("CC0", {"CC0-1.0"}),
    ("GPL", {"GPL-2.0-only"}),
    ("ISC", {"ISC"}),
]
LICENCE_FILE = re.compile(r"(un)?licen[cs]e|copying|copyright|notice", re.IGNORECASE)


class Refused(Exception):
    """Why a crate cannot be shipped, for people."""


class Rules:
    """`licences.toml`."""

    def __init__(self, text):
        table = tomllib.loads(text)
        self.allowed = table["allowed"]
        self.exceptions = {row["crate"]: row for row in table.get("exception", [])}
        self.inside = {row["crate"]: row["files"] for row in table.get("inside", [])}

    @staticmethod
    def read():
        return Rules((HERE / "licences.toml").read_text(encoding="utf-8"))

    def choose(self, crate, expression):
        """The licences that `crate` is shipped under, best first choices taken; all of them hold at once."""
        if not expression:
            raise Refused(f"{crate} names no licence. Find out which it has before it is shipped.")
        exception = self.exceptions.get(crate)
        allowed = self.allowed + ([exception["licence"]] if exception else [])
        ways = [way for way in alternatives(expression) if all(licence in allowed for licence in way)]
        if not ways:
            raise Refused(
                f"{crate} is under {expression}, which packaging/licences.toml does not allow. "
                "Take another crate, or allow the licence there if it may be shipped."
            )
        return min(ways, key=lambda way: sorted(map(allowed.index, way)))


def alternatives(expression):
    """The sets of licences that satisfy an SPDX expression; the old "MIT/Apache-2.0" is an OR."""
    spaced = expression.replace("(", " ( ").replace(")", " ) ").replace("/", " OR ")
    words = re.sub(r" WITH ", "+", spaced).split()
    ways = any_of(words)
    if words:
        raise Refused(f'The licence "{expression}" is not understood.')
    return [frozenset(licence.replace("+", " WITH ") for licence in way) for way in ways]


def any_of(words):
    ways = all_of(words)
    while words and words[0] == "OR":
        words.pop(0)
        ways = ways + all_of(words)
    return ways


def all_of(words):
    ways = one(words)
    while words and words[0] == "AND":
        words.pop(0)
        rights = one(words)
        ways = [left | right for left in ways for right in rights]
    return ways


def one(words):
    if not words:
        raise Refused("A licence ends in the middle.")
    word = words.pop(0)
    if word != "(":
        return [frozenset([word])]
    ways = any_of(words)
    if not words or words.pop(0) != ")":
        raise Refused("A bracket in a licence is not closed.")
    return ways


def texts(package, chosen, rules):
    """The texts that `package` (a row of `cargo metadata`) is shipped with: its own files, else the licence's usual text."""
    folder = Path(package["manifest_path"]).parent
    own = [path for path in sorted(folder.iterdir()) if path.is_file() and LICENCE_FILE.match(path.name)]
    if package.get("license_file"):
        own.append(folder / package["license_file"])
    found = [tidy(path) for path in dict.fromkeys(own) if belongs(path.name, chosen)]
    if not any(found):
        found = [usual_text(package, licence) for licence in sorted(chosen)]
    inside = [folder / name for name in rules.inside.get(package["name"], [])]
    for path in inside:
        if not path.is_file():
            raise Refused(f"{package['name']} has no {path.name} any more. Look where its licences are now.")
    return [text for text in found + [tidy(path) for path in inside] if text]


def belongs(name, chosen):
    """Whether a licence file of that name is about one of the chosen licences, or does not say which it is about."""
    for word, licences in NAMED:
        if word in name.upper():
            return bool(licences & chosen)
    return True


def usual_text(package, licence):
    path = HERE / "licences" / f"{licence}.txt"
    if not path.is_file():
        raise Refused(f"{package['name']} brings no text of {licence}, and {path.name} is not in packaging/licences.")
    authors = ", ".join(re.sub(r" *<[^>]*>", "", author) for author in package.get("authors", []))
    holders = authors or f"The developers of {package['name']}"
    text = tidy(path).replace("Copyright (c) <year> <copyright holders>", f"Copyright (c) {holders}")
    return text if holders in text else f"Copyright (c) {holders}\n\n{text}"


def tidy(path):
    """Without what makes equal texts differ: line ends, spaces at the end of lines, empty lines around."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").replace("\ufeff", "")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
