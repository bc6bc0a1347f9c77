#!/usr/bin/env python3
"""Makes the two files that every package carries or is published with: NOTICES.txt, the licences of everything inside, and
tagroll.cdx.json, what it is made of (CycloneDX). Stops at a licence that `licences.toml` does not allow.

Usage: packaging/notices.py linux|windows|macos --out DIR [--model DIR]
       packaging/notices.py --check     (looks at all three systems and writes nothing)
"""

import argparse
import sys
import textwrap
from pathlib import Path

sys.dont_write_bytecode = True

from crates import ROOT, SYSTEMS, Contents
from licences import Refused, Rules, texts, tidy
from parts import parts
from sbom import sbom

RULE = "=" * 100


def main():
    options = arguments()
    try:
        if options.check:
            check()
        else:
            write(options)
    except Refused as reason:
        raise SystemExit(f"Not packaged: {reason}")


def check():
    for system in SYSTEMS:
        contents = Contents(system, has_model=False)
        notices(contents, Rules.read(), [])
        print(f"{system}: {len(contents.crates)} crates, each under a licence that may be shipped")


def write(options):
    contents = Contents(options.system, has_model=options.model is not None)
    rules = Rules.read()
    others = parts(contents, options.model)
    text = notices(contents, rules, others)
    licences = {key: rules.choose(row["name"], row["license"]) for key, row in contents.crates.items()}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "NOTICES.txt").write_text(text, encoding="utf-8", newline="\n")
    made_of = sbom(contents, licences, others)
    (options.out / "tagroll.cdx.json").write_text(made_of, encoding="utf-8", newline="\n")
    print(f"{options.out}/NOTICES.txt, {options.out}/tagroll.cdx.json: {len(contents.crates)} crates, {len(others)} other parts")


def notices(contents, rules, others):
    """Every text once, below the names of what it belongs to."""
    owners = {}
    for row in contents.crates.values():
        chosen = rules.choose(row["name"], row["license"])
        title = f"{row['name']} {row['version']} ({' AND '.join(sorted(chosen))})"
        for text in texts(row, chosen, rules):
            owners.setdefault(text, []).append(title)
    for part in others:
        for text in part.texts:
            owners.setdefault(text, []).append(f"{part.name} ({part.licence})")
    sections = ["\n".join([RULE, *names, RULE, "", text]) for text, names in owners.items()]
    return "\n\n".join([head(contents, rules), *sections]) + "\n"


def head(contents, rules):
    rows = [(row, rules.exceptions.get(row["name"])) for row in contents.crates.values()]
    reasons = [
        textwrap.fill(f"{row['name']} ({exception['licence']}, {row['repository']}): {exception['why']}", len(RULE))
        for row, exception in rows
        if exception
    ]
    opening = (
        f"Tagroll {contents.root['version']} is under {contents.root['license']}, as its own licence says, which comes first\n"
        "below. It holds the work of others, who ask that what follows goes along with it."
    )
    return "\n\n".join([opening, *reasons, RULE + "\nTagroll\n" + RULE, tidy(ROOT / "LICENSE")])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", nargs="?", choices=SYSTEMS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check and not (options.system and options.out):
        parser.error("name a system and --out, or --check")
    return options


if __name__ == "__main__":
    main()
