"""The crates that are compiled into a package, as cargo tells them.

Promise: exactly what `cargo build` links for the targets and features named, each crate once, in order of name.
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

    def __init__(self, system, cargo_options):
        self.system = system
        self.crates = {}
        self.needs = {}
        self.features = set()
        for target in SYSTEMS[system]:
            self._add(target, cargo_options)
        self.crates = dict(sorted(self.crates.items()))

    def _add(self, target, cargo_options):
        chosen = ["--locked", *cargo_options]
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
            self.features.update(node["features"])
        else:
            self.crates[row["name"], row["version"]] = row

    def has_starter(self):
        """Whether the starter model is inside the program."""
        return "starter" in self.features or "starter" not in self.root["features"]


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
