"""What a package holds besides crates, with the notices that go with it: fonts, photos, a model, the language's own code.

Promise: every text comes from the file that lies beside the thing itself; a thing without its text stops the packaging.
"""

import html
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from crates import ROOT
from licences import HERE, Refused, tidy

# Where compilers keep the notices of what they link into every program.
DEBIAN_RUST = "/usr/share/doc/libstd-rust*/copyright"
DEBIAN_MINGW = ["/usr/share/doc/mingw-w64-common/copyright", "/usr/share/doc/gcc-mingw-w64-base/copyright"]


@dataclass
class Part:
    """`kind` is CycloneDX's word for it; `licence` is a name for people."""

    name: str
    kind: str
    licence: str
    texts: list


def parts(contents, model):
    """`model` is the folder of the model that is packaged, or None for the starter model."""
    found = [fonts(), icons(), photos(), rust()]
    if contents.system == "windows":
        found.append(mingw())
    found.append(packaged_model(model) if model else starter())
    return found


def fonts():
    return Part("IBM Plex Sans and Mono", "file", "SIL Open Font License 1.1", [asset("fonts/IBM-Plex-Sans-OFL.txt")])


def icons():
    return Part("Phosphor icons", "file", "MIT", [asset("fonts/Phosphor-MIT.txt")])


def photos():
    return Part("Sample photos", "data", "public domain or CC0 1.0", [asset("sample/README.md")])


def starter():
    towers = (
        "Its image tower is EfficientNet-Lite2 (Google; PyTorch port by ML Illustrated), its text tower all-MiniLM-L6-v2\n"
        "(sentence-transformers), both under the Apache License 2.0; both were changed: folded, stored with fewer bits, and\n"
        "given new heads. Part of what the heads were trained on is for research only, as the table below says."
    )
    texts = [towers, asset("starter-model/TRAINING_DATA.md"), tidy(HERE / "licences/Apache-2.0.txt")]
    return Part("Starter model", "machine-learning-model", "see its notice", texts)


def packaged_model(folder):
    files = [folder / name for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE")]
    texts = [tidy(path) for path in files if path.is_file()]
    if not texts:
        raise Refused(f"{folder} has no LICENSE. Put the model's licence there, because it is shipped with the model.")
    return Part(f"Model {folder.name}", "machine-learning-model", "see its notice", texts)


def rust():
    folder = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, check=True, capture_output=True, text=True)
    page = Path(folder.stdout.strip()) / "share/doc/rust/COPYRIGHT-library.html"
    debian = sorted(Path("/").glob(DEBIAN_RUST.lstrip("/")))
    if page.is_file():
        texts = [plain(tidy(page))]
    elif debian:
        texts = [tidy(debian[0])]
    else:
        raise Refused(f"The notices of Rust's standard library are not at {page}. Install Rust with rustup.")
    return Part("Rust's standard library", "library", "MIT OR Apache-2.0", texts)


def mingw():
    texts = [tidy(Path(name)) for name in DEBIAN_MINGW if Path(name).is_file()]
    if not texts:
        raise Refused("The notices of mingw-w64 are missing. Install Debian's mingw-w64-common.")
    return Part("mingw-w64 and GCC's runtime", "library", "permissive, and GPL-3.0 WITH GCC-exception-3.1", texts)


def asset(name):
    return tidy(ROOT / "assets" / name)


def plain(page):
    """The words of a page of HTML."""
    words = re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL)
    words = html.unescape(re.sub(r"<[^>]+>", "", words))
    lines = [line.strip() for line in words.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
