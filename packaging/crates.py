"""The crates that are compiled into a package, as cargo tells them.

Promise: exactly what the build scripts link, each crate once, in order of name.
"""

import json
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = {
    "linux": ["x86_64-unknown-linux-gnu"],
    "windows": ["x86_64-pc-windows-gnu"],
    "macos": ["aarch64-apple-darwin", "x86_64-apple-darwin"],
}


class Contents:
    """What a package of one system holds: `root` is Tagroll's own row of `cargo metadata`, `crates` are the others."""

    def __init__(self, system, has_model):
        self.system = system
        self.crates = {}
        self.needs = {}
        for target in SYSTEMS[system]:
            self._add(target, features(system, has_model))
        self.crates = dict(sorted(self.crates.items()))

    def _add(self, target, features):
        chosen = ["--locked", *features]
        metadata = json.loads(
            cargo("metadata", "--format-version", "1", "--filter-platform", target, *chosen)
        )
        tree = cargo("tree", "--edges", "normal", "--prefix", "none", "--no-dedupe", "--target", target, *chosen)
        linked = {tuple(line.split(" ")[:2]) for line in tree.splitlines() if line}
        rows = {row["id"]: row for row in metadata["packages"] if (row["name"], "v" + row["version"]) in linked}
        for node in metadata["resolve"]["nodes"]:
            if node["id"] in rows:
                self._add_row(rows[node["id"]], node, rows, metadata["resolve"]["root"])

    def _add_row(self, row, node, rows, root):
        normal = {
            link["pkg"] for link in node["deps"] if any(kind["kind"] is None for kind in link["dep_kinds"])
        }
        needs = self.needs.setdefault(purl(row), set())
        needs.update(purl(rows[need]) for need in normal if need in rows)
        if row["id"] == root:
            self.root = row
        else:
            self.crates[row["name"], row["version"]] = row


def features(system, has_model):
    """What the build scripts hand to cargo: a packaged model takes the place of the starter model inside the program."""
    metal = ["metal"] if system == "macos" else []
    if has_model:
        return ["--no-default-features", "--features", ",".join(["gui", *metal])]
    return ["--features", ",".join(metal)] if metal else []


def purl(row):
    return f"pkg:cargo/{row['name']}@{row['version']}"


def checksums():
    """The SHA-256 of each crate's archive, by name and version, as Cargo.lock has it."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    return {(row["name"], row["version"]): row["checksum"] for row in lock["package"] if "checksum" in row}


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise SystemExit(f"cargo {arguments[0]} failed; what it said is above.")
    return done.stdout
