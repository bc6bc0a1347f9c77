#!/usr/bin/env python3
"""Fetches a model that may be packaged, for the hosted release workflow; on a person's computer, Tagroll does this itself.

Usage: packaging/fetch_model.py ID DIR [--hub ADDRESS]     (ID as in assets/models.toml; the files go into DIR/ID)

From the environment, both chosen by whoever publishes, after looking at the model's page:
  MODEL_REVISION   the commit on the hub, 40 hexadecimal digits
  MODEL_SHA256SUMS a line "SHA256  FILE" for each file of the model, as sha256sum prints it

Promise: nothing unverified stays on the disk, and no model goes into a package without a licence that allows it.
"""

import argparse
import hashlib
import os
import re
import shutil
import sys
import tomllib
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
PERMISSIVE = ["MIT", "Apache-2.0"]


def main():
    options = arguments()
    model = row(options.id)
    licence = HERE / "models" / f"{options.id}.txt"
    if model["licence"] not in PERMISSIVE:
        stop(f"{options.id} is under {model['licence']}, with which it cannot be packaged. Choose one under MIT or Apache-2.0.")
    if not licence.is_file():
        stop(f"There is no {licence.name} in packaging/models. Put the model's licence there, because it is shipped with it.")
    address = f"{options.hub}/{model['repository']}/resolve/{revision()}"
    expected = sums(model["files"])
    folder = options.folder / options.id
    folder.mkdir(parents=True, exist_ok=True)
    for name in model["files"]:
        fetch(f"{address}/{name}", folder / name, expected[name])
    shutil.copyfile(licence, folder / "LICENSE")
    print(f"{folder} holds {model['name']}, as its sums say.")


def row(wanted):
    table = tomllib.loads((HERE.parent / "assets/models.toml").read_text(encoding="utf-8"))
    found = [model for model in table["model"] if model["id"] == wanted]
    return found[0] if found else stop(f"assets/models.toml has no model {wanted}.")


def revision():
    given = os.environ.get("MODEL_REVISION", "").strip()
    if not re.fullmatch(r"[0-9a-f]{40}", given):
        stop("MODEL_REVISION is not set to a commit of the model's repository. Take it from the model's page, and set it.")
    return given


def sums(files):
    """The SHA-256 of each of `files`, from the environment; never from the hub, which could name whatever it sends."""
    lines = re.findall(r"^\s*([0-9a-f]{64})[ *]+(\S+)\s*$", os.environ.get("MODEL_SHA256SUMS", ""), re.MULTILINE)
    given = {name: digest for digest, name in lines}
    missing = [name for name in files if name not in given]
    if missing:
        stop(
            f"MODEL_SHA256SUMS has no sum of {', '.join(missing)}. Fetch the files once by hand, look at them, and set the "
            "variable to what sha256sum prints."
        )
    return given


def fetch(address, path, expected):
    unverified = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    with urllib.request.urlopen(address, timeout=60) as answer, open(unverified, "wb") as file:
        while block := answer.read(1 << 20):
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != expected:
        unverified.unlink()
        stop(f"{path.name} has the SHA-256 {digest.hexdigest()} and not {expected}. It was not kept.")
    unverified.replace(path)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hub", default="https://huggingface.co")
    return parser.parse_args()


def stop(words):
    print(words, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
