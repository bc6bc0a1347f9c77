#!/usr/bin/env python3
"""What must hold of the packages and can be seen without making them. `packaging/check.sh` runs this.

Apple's tools are stood in for by scripts that leave what the real ones would, so that the way of build.sh is gone on any system.
"""

import hashlib
import os
import plistlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

from crates import ROOT
from licences import Refused, Rules, texts

MACOS = ROOT / "packaging/macos"
RULES = Rules('allowed = ["MIT", "Apache-2.0", "Unicode-3.0"]\n[[exception]]\ncrate = "known"\nlicence = "MPL-2.0"\nwhy = "so"')

PLUTIL = """#!/usr/bin/env python3
import plistlib, sys
how, *rest = sys.argv[1:]
path = rest[-1]
table = plistlib.load(open(path, "rb"))
if how == "-replace":
    table[rest[0]] = rest[2]
    plistlib.dump(table, open(path, "wb"))
elif how == "-convert":
    plistlib.dump(table, open(rest[2], "wb"))
"""
STAND_INS = {
    "uname": "#!/bin/sh\necho Darwin\n",
    "cargo": """#!/bin/sh
[ "$1" = build ] || exec "$REAL_CARGO" "$@"
echo "$@" >>"$CARGO_TARGET_DIR/built"
mkdir -p "$CARGO_TARGET_DIR/$6/dist" && echo "$6" >"$CARGO_TARGET_DIR/$6/dist/tagroll"
""",
    "lipo": '#!/bin/sh\ncat "$4" "$5" >"$3"\n',
    "iconutil": '#!/bin/sh\nls "$5" >"$4"\n',
    "plutil": PLUTIL,
    "codesign": "#!/bin/sh\n",
    "dmgbuild": '#!/bin/sh\ncp -R "${4#app=}" "$6"\n',
}


class Licences(unittest.TestCase):
    def test_the_first_allowed_choice_is_taken(self):
        self.assertEqual(RULES.choose("a", "Apache-2.0 OR GPL-3.0-only OR MIT"), {"MIT"})
        self.assertEqual(RULES.choose("a", "GPL-3.0-only/Apache-2.0"), {"Apache-2.0"})

    def test_all_licences_of_an_and_are_taken(self):
        self.assertEqual(RULES.choose("a", "(MIT OR Apache-2.0) AND Unicode-3.0"), {"MIT", "Unicode-3.0"})

    def test_what_is_not_allowed_is_refused(self):
        for expression in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "Apache-2.0 WITH GPL-thing", "(MIT", "MIT)", "", None]:
            with self.assertRaises(Refused, msg=expression):
                RULES.choose("a", expression)

    def test_an_exception_is_for_one_crate(self):
        self.assertEqual(RULES.choose("known", "MPL-2.0"), {"MPL-2.0"})
        with self.assertRaises(Refused):
            RULES.choose("other", "MPL-2.0")

    def test_texts_are_those_of_the_chosen_licence(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ["LICENSE-MIT", "LICENSE-APACHE", "NOTICE", "lib.rs"]:
                Path(folder, name).write_text(f"words of {name}\r\n\n", encoding="utf-8")
            package = {"name": "a", "manifest_path": f"{folder}/Cargo.toml"}
            self.assertEqual(texts(package, {"MIT"}, RULES), ["words of LICENSE-MIT", "words of NOTICE"])

    def test_a_crate_without_a_text_gets_the_usual_one_with_its_authors(self):
        with tempfile.TemporaryDirectory() as folder:
            package = {"name": "a", "manifest_path": f"{folder}/Cargo.toml", "authors": ["Ada <ada@example.org>"]}
            self.assertIn("Copyright (c) Ada\n", texts(package, {"MIT"}, RULES)[0])
            with self.assertRaises(Refused):
                texts(package, {"Unicode-3.0"}, RULES)


class Macos(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.work.cleanup)
        cls.app = built(Path(cls.work.name, "plain"), [])
        model = Path(cls.work.name, "some-clip")
        model.mkdir()
        (model / "LICENSE").write_text("Anybody may have some-clip.\n")
        cls.app_with_model = built(Path(cls.work.name, "with model"), ["--model", model])

    def test_the_app_is_laid_out_as_the_program_looks_for_it(self):
        contents = self.app / "Contents"
        table = plistlib.loads((contents / "Info.plist").read_bytes())
        self.assertEqual(table["CFBundleShortVersionString"], version())
        self.assertTrue(os.access(contents / "MacOS" / table["CFBundleExecutable"], os.X_OK))
        self.assertTrue((contents / "Resources" / (table["CFBundleIconFile"] + ".icns")).is_file())
        self.assertTrue((contents / "Resources/sample/cat.jpg").is_file())
        self.assertIn("Starter model", (contents / "Resources/NOTICES.txt").read_text(encoding="utf-8"))

    def test_a_model_lies_in_a_folder_of_its_name_and_its_licence_is_shown(self):
        resources = self.app_with_model / "Contents/Resources"
        self.assertTrue((resources / "model/some-clip/LICENSE").is_file())
        self.assertIn("Anybody may have some-clip.", (resources / "NOTICES.txt").read_text(encoding="utf-8"))
        options = (self.app_with_model.parents[1] / "target/built").read_text()
        self.assertEqual(options.count("--no-default-features --features gui,metal"), 2)

    def test_the_program_is_for_both_kinds_of_mac_with_metal(self):
        program = self.app / "Contents/MacOS/tagroll"
        self.assertEqual(program.read_text(), "aarch64-apple-darwin\nx86_64-apple-darwin\n")
        self.assertEqual((self.app.parents[1] / "target/built").read_text().count("--features metal"), 2)

    def test_the_least_system_is_the_one_that_is_built_for(self):
        table = plistlib.loads((MACOS / "Info.plist").read_bytes())
        target = re.search(r"MACOSX_DEPLOYMENT_TARGET=(\S+)", (MACOS / "build.sh").read_text()).group(1)
        self.assertEqual(table["LSMinimumSystemVersion"], target)

    def test_what_may_be_done_is_explained_to_the_person(self):
        table = plistlib.loads((MACOS / "Info.plist").read_bytes())
        may = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
        self.assertEqual(may, {"com.apple.security.automation.apple-events": True})
        explained = {key for key in table if key.endswith("UsageDescription")}
        self.assertIn("NSAppleEventsUsageDescription", explained)
        german = (MACOS / "de.lproj/InfoPlist.strings").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r'^"(\w+)" = "[^"]+";$', german, re.MULTILINE)), explained)

    def test_the_image_shows_the_app_and_where_it_goes_on_a_background_that_is_there(self):
        look = {"defines": {"app": "/somewhere/Tagroll.app"}}
        exec((MACOS / "image.py").read_text(encoding="utf-8"), look)
        self.assertEqual(set(look["icon_locations"]), {"Tagroll.app", "Applications"})
        for name in [look["background"], look["background"].replace(".png", "@2x.png")]:
            self.assertTrue((ROOT / name).is_file(), name)

    def test_no_document_types_are_declared_that_would_open_nothing(self):
        self.assertNotIn("CFBundleDocumentTypes", plistlib.loads((MACOS / "Info.plist").read_bytes()))


class Release(unittest.TestCase):
    def said_of(self, tag, heading):
        """What check_release.sh says in a checkout of version 1.2.3 whose changelog has this heading."""
        with tempfile.TemporaryDirectory() as work:
            Path(work, "packaging").mkdir()
            script = shutil.copy(ROOT / "packaging/check_release.sh", f"{work}/packaging")
            Path(work, "Cargo.toml").write_text('[package]\nversion = "1.2.3"\n')
            Path(work, "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n\n- New.\n\n## 1.2.2, 2025-01-01\n\n- Old.\n")
            done = subprocess.run([script, tag], capture_output=True, text=True)
            return done.returncode, (done.stdout + done.stderr).strip()

    def test_the_notes_are_what_the_changelog_says_of_the_version(self):
        self.assertEqual(self.said_of("v1.2.3", "## 1.2.3, 2026-11-30"), (0, "- New."))

    def test_a_tag_of_another_version_is_no_release(self):
        self.assertEqual(self.said_of("v1.2.4", "## 1.2.3, 2026-11-30")[0], 1)

    def test_a_version_without_a_date_is_no_release(self):
        self.assertEqual(self.said_of("v1.2.3", "## 1.2.3, not released")[0], 1)


class Model(unittest.TestCase):
    FILES = ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"]

    def fetched(self, work, **environment):
        """Fetches from a folder that stands for the hub, in which each file holds its own name."""
        there = Path(work, "hub/wkcn/TinyCLIP-ViT-39M-16-Text-19M-YFCC15M/resolve", "a" * 40)
        there.mkdir(parents=True)
        for name in self.FILES:
            (there / name).write_text(name)
        return subprocess.run(
            [sys.executable, ROOT / "packaging/fetch_model.py", "tinyclip-vit-39m-16", f"{work}/models", "--hub", f"file://{work}/hub"],
            env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True,
        )  # fmt: skip

    def sums(self):
        return "\n".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in self.FILES)

    def test_a_model_comes_with_its_licence(self):
        with tempfile.TemporaryDirectory() as work:
            done = self.fetched(work, MODEL_REVISION="a" * 40, MODEL_SHA256SUMS=self.sums())
            self.assertEqual(done.returncode, 0, done.stderr)
            files = sorted(path.name for path in Path(work, "models/tinyclip-vit-39m-16").iterdir())
            self.assertEqual(files, ["LICENSE", *self.FILES])

    def test_another_file_than_the_sums_say_is_not_kept(self):
        with tempfile.TemporaryDirectory() as work:
            wrong = self.sums().replace(hashlib.sha256(b"model.safetensors").hexdigest(), "0" * 64)
            done = self.fetched(work, MODEL_REVISION="a" * 40, MODEL_SHA256SUMS=wrong)
            self.assertEqual((done.returncode, "It was not kept" in done.stderr), (1, True))
            self.assertEqual([path.name for path in Path(work, "models").rglob("*") if path.is_file()], ["config.json"])

    def test_no_sums_or_no_revision_is_said_in_words(self):
        with tempfile.TemporaryDirectory() as work:
            self.assertIn("MODEL_REVISION is not set", self.fetched(work, MODEL_SHA256SUMS=self.sums()).stderr)
        with tempfile.TemporaryDirectory() as work:
            self.assertIn("MODEL_SHA256SUMS has no sum of config.json", self.fetched(work, MODEL_REVISION="a" * 40).stderr)


def version():
    return tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]


def built(work, options):
    """The app that build.sh makes with the stand-ins."""
    tools = work / "tools"
    tools.mkdir(parents=True)
    (work / "target").mkdir()
    for name, script in STAND_INS.items():
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MACOS_", "NOTARY_"))}
    environment |= {
        "PATH": f"{tools}:{environment['PATH']}",
        "CARGO_TARGET_DIR": str(work / "target"),
        "REAL_CARGO": shutil.which("cargo"),
    }
    command = [MACOS / "build.sh", "--out", work / "out", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return work / f"out/tagroll-{version()}-macos-universal.dmg"


if __name__ == "__main__":
    unittest.main()
