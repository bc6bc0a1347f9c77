#!/usr/bin/env python3
"""Measures how time and memory grow with a library: 1,000, 10,000 and 100,000 photos, from files to the real window on a
virtual screen. Draws assets/screenshots/growth.svg, which README.md shows.

Usage: tests/growth.py WORK_DIR [--runs N] [--draw] [PHOTOS ...]

Needs a release build, Xvfb and a Python with numpy, onnx, pillow, safetensors and tokenizers. What is in
WORK_DIR already is used again. --draw only draws what an earlier run measured.

- Reading: `tagroll index` over JPEG files of 160 x 107 pixels, each of its own content, with a network so small that it
  takes no time: decoding, thumbnails and the store are in it, the network is not.
- Opening: from the start of the process to photos on the screen, and to the end of all work. The model is a ViT-B/32 of
  random weights in int8, and each photo has a random vector of it in the store, because encoding 100,000 photos takes half an
  hour. Five categories with automatic cut-offs.
- Memory: what is resident once all work has ended, and the most that ever was. Without a graphics card its drawing is in
  main memory too.
"""

import argparse
import json
import mmap
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "rivals"))
import prepare  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "tagroll"
PLOT = ROOT / "assets" / "screenshots" / "growth.svg"
SIZES = [1_000, 10_000, 100_000]
IN_A_FOLDER = 500
WIDTH, HEIGHT = 1280, 800
SMALLEST = prepare.config(prepare.tower(8, 1, 2), prepare.tower(8, 1, 2), 112, 8)
CATEGORIES = ["dog", "mountain", "receipt", "city at night", "birthday cake"]
# Colours in the area of the grid: an empty one has a few dozen.
PHOTOS_ON_SCREEN = 2_000


def write_photos(folder, count):
    """Sample photos, scaled down, each with a comment of its own."""
    if folder.exists():
        return
    seeds = []
    for path in sorted((ROOT / "assets" / "sample").glob("*.jpg")):
        small = folder.parent / "seed.jpg"
        Image.open(path).convert("RGB").resize((160, 107)).save(small, quality=70)
        seeds.append(small.read_bytes())
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for number in range(count):
        part = partial / f"{number // IN_A_FOLDER:03}"
        if number % IN_A_FOLDER == 0:
            part.mkdir(parents=True)
        seed, comment = seeds[number % len(seeds)], b"%08d" % number
        mark = b"\xff\xfe" + (2 + len(comment)).to_bytes(2, "big") + comment
        (part / f"IMG_{number:06}.jpg").write_bytes(seed[:2] + mark + seed[2:])
    partial.rename(folder)


def model(work, name, settings):
    folder = work / name
    if not (folder / "model.safetensors").exists():
        prepare.write_folder(folder, settings)
    return folder


def tagroll(data, *arguments):
    line = [PROGRAM, *arguments, "--data-dir", data, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def index(photos, data, smallest):
    """Seconds for a photo, in a data folder of its own."""
    shutil.rmtree(data, ignore_errors=True)
    done = tagroll(data, "index", photos, "--model", smallest)
    assert done["encoded"] == done["found"], done
    return done["seconds"] / done["found"]


def put_vectors(data, large):
    """As if the large model had read the photos."""
    name = tagroll(data, "doctor", "--model", large, "--precision", "int8")["model"]["id"]
    random = np.random.default_rng(7)
    store = sqlite3.connect(data / "tagroll.db")
    store.execute("INSERT OR IGNORE INTO models (name) VALUES (?)", [name])
    (model,) = store.execute("SELECT id FROM models WHERE name = ?", [name]).fetchone()
    prints = [row[0] for row in store.execute("SELECT DISTINCT fingerprint FROM files ORDER BY path")]
    for start in range(0, len(prints), 10_000):
        some = prints[start : start + 10_000]
        vectors = random.standard_normal((len(some), 512), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [(model, print_, vector.tobytes()) for print_, vector in zip(some, vectors)]
        store.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows)
    store.commit()
    store.close()


def write_session(data, photos):
    category = lambda place, name: {"id": place, "name": name, "prompts": ["a photo of a {}."], "cutoff": "auto"}
    session = {
        "roots": [str(photos)],
        "categories": [category(place, name) for place, name in enumerate(CATEGORIES)],
        "window": {"width": WIDTH, "height": HEIGHT, "is_maximized": False},
        "is_recommendation_dismissed": True,
    }
    (data / "session.json").write_text(json.dumps(session))


class Screen:
    """A virtual screen whose pixels lie in a file."""

    def __init__(self):
        self.display = f":{90 + os.getpid() % 900}"
        self.folder = tempfile.TemporaryDirectory()
        size = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", self.folder.name]
        self.server = subprocess.Popen(["Xvfb", self.display, *size], stderr=subprocess.DEVNULL)
        file = pathlib.Path(self.folder.name) / "Xvfb_screen0"
        while not file.exists() or file.stat().st_size < WIDTH * HEIGHT * 4:
            time.sleep(0.05)
        with open(file, "rb") as opened:
            self.pixels = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        header = np.frombuffer(self.pixels, ">u4", 25)
        self.start = int(header[0]) + 12 * int(header[19])

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return kept | {"DISPLAY": self.display, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def colours(self):
        """In the middle of the window."""
        rows = np.frombuffer(self.pixels, "<u4", WIDTH * HEIGHT, self.start).reshape(HEIGHT, WIDTH)
        return len(np.unique(rows[200:700:3, 320:900:2]))

    def close(self):
        self.server.terminate()
        self.server.wait()


def memory(process):
    """Resident now and at most, in MiB."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Vm")}
    return kib["VmRSS"] / 1024, kib["VmHWM"] / 1024


def worked(process):
    """Seconds of processor time so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_window(screen, data, large):
    """Opens the window and closes it again; what was seen meanwhile."""
    begun = time.monotonic()
    line = [PROGRAM, "--data-dir", data, "--model", large, "--precision", "int8"]
    process = subprocess.Popen(line, env=screen.environment())
    shown = None
    while shown is None:
        assert process.poll() is None and time.monotonic() - begun < 120, "The window shows no photos."
        time.sleep(0.01)
        if screen.colours() > PHOTOS_ON_SCREEN:
            shown = time.monotonic() - begun
    before, rested, quiet = worked(process), time.monotonic(), 0
    while quiet < 10:
        time.sleep(0.2)
        now = worked(process)
        quiet = quiet + 1 if now - before < 0.02 else 0
        rested = rested if quiet else time.monotonic()
        before = now
    resident, most = memory(process)
    process.terminate()
    process.wait()
    return {"shown_s": shown, "rested_s": rested - begun, "resident_mib": resident, "most_mib": most, "cpu_s": before}


def measure(work, count, runs):
    photos, data = work / f"photos-{count}", work / f"data-{count}"
    write_photos(photos, count)
    smallest, large = model(work, "smallest", SMALLEST), model(work, "b32", prepare.SHAPES["b32"])
    result = {"photos": count}
    if not (data / "ready").exists():
        result["index_s"] = index(photos, data, smallest)
        put_vectors(data, large)
        write_session(data, photos)
        (data / "ready").write_text(str(result["index_s"]))
    result["index_s"] = float((data / "ready").read_text())
    screen = Screen()
    try:
        # The first start has the model's trial.
        open_window(screen, data, large)
        seen = [open_window(screen, data, large) for _ in range(runs)]
    finally:
        screen.close()
    middle = lambda name: sorted(one[name] for one in seen)[len(seen) // 2]
    return result | {name: middle(name) for name in seen[0]}


# Title, unit, and the lines with their names: by field of the results, times a factor.
PANELS = [
    ("Reading a photo", "ms", [("index_s", 1000, "")]),
    ("Memory with the window open", "MiB", [("resident_mib", 1, "at rest"), ("most_mib", 1, "at most")]),
    ("Opening", "s", [("shown_s", 1, "photos on screen"), ("rested_s", 1, "all work done")]),
]
COLOURS = ["#2f6fb5", "#b5652f"]
PANEL, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 300, 56, 64, 210, 170


def text(x, y, words, anchor="middle", colour="#333333", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{words}</text>'


def step_for(most):
    """A round distance between lines, of which three to six fit."""
    power = 10.0 ** np.floor(np.log10(most))
    return next(power * part for part in (0.2, 0.25, 0.5, 1, 2) if most / (power * part) <= 6)


def panel(place, results, title, unit, lines):
    left = place * PANEL + LEFT
    counts = [result["photos"] for result in results]
    most = 1.15 * max(result[field] * factor for result in results for field, factor, _ in lines)
    low, high = np.log10(counts[0]), np.log10(counts[-1])
    x = lambda count: left + 12 + (PLOT_WIDTH - 36) * (np.log10(count) - low) / max(high - low, 1e-9)
    y = lambda value: TOP + PLOT_HEIGHT * (1 - value / most)
    parts = [text(left, TOP - 34, f"{title}, {unit}", "start", "#111111", 14)]
    for value in np.arange(0, most, step_for(most)):
        parts.append(f'<path d="M{left} {y(value):.1f}h{PLOT_WIDTH}" stroke="#dddddd"/>')
        parts.append(text(left - 8, y(value) + 4, f"{value:g}", "end"))
    parts.extend(text(x(count), TOP + PLOT_HEIGHT + 20, f"{count:,}") for count in counts)
    for row, ((field, factor, name), colour) in enumerate(zip(lines, COLOURS)):
        points = [(x(result["photos"]), y(result[field] * factor), result[field] * factor) for result in results]
        path = "L".join(f"{px:.1f} {py:.1f}" for px, py, _ in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for px, py, value in points:
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>')
            # The lower of two lines has its figures below it, where there is room.
            is_below = row == 0 and len(lines) > 1 and py + 24 < TOP + PLOT_HEIGHT
            parts.append(text(px, py + (20 if is_below else -9), f"{value:.3g}" if value < 100 else f"{value:.0f}", colour=colour))
    names = [(name, colour) for (_, _, name), colour in zip(lines, COLOURS) if name]
    for row, (name, colour) in enumerate(names):
        parts.append(text(left + 110 * row, TOP - 16, name, "start", colour))
    return parts


def draw(results):
    width, height = PANEL * len(PANELS), TOP + PLOT_HEIGHT + 52
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
             'font-family="sans-serif">', f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for place, (title, unit, lines) in enumerate(PANELS):
        parts += panel(place, results, title, unit, lines)
    parts.append(text(width / 2, height - 10, "photos in the library; each step is ten times as many"))
    PLOT.write_text("\n".join([*parts, "</svg>", ""]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("photos", type=int, nargs="*", default=SIZES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--draw", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    measured = args.work / "growth.json"
    results = json.loads(measured.read_text()) if measured.exists() else {}
    for count in [] if args.draw else args.photos:
        results[str(count)] = measure(args.work, count, args.runs)
        print(json.dumps(results[str(count)]), flush=True)
        measured.write_text(json.dumps(results, indent=1))
    draw([results[count] for count in sorted(results, key=int)])


if __name__ == "__main__":
    main()
