#!/usr/bin/env python3
"""Makes the pictures in README.md, but for that of the export: opens the real window on the sample photos, sorted into
folders, on a virtual screen, and photographs it.

Usage: tests/screenshots.py [NAME ...]   (all of them without a name; needs a built program, Xvfb, xdotool and xwd)
"""

import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "debug/tagroll")
WIDTH, HEIGHT = 1280, 860

FOLDERS = {
    "animal": ["cat", "osprey", "otters", "raccoon", "wren"],
    "building": ["city-night", "city-sunset", "colosseum", "courtyard", "rocket"],
    "landscape": ["desert-dune", "mountain-lake", "tea-garden"],
    "flower": ["blue-flowers", "dandelions"],
    "person": ["astronaut", "photographer"],
    "drink": ["coffee"],
    "document": ["handwriting"],
    "sky": ["saturn"],
}
PROMPTS = {
    "animal": ["a photo of an {}.", {"text": "a wild bird", "weight": 0.5}],
    "building": ["a photo of a {}.", "a city at night"],
    "flower": ["a close-up photo of a {}."],
    "person": ["a portrait of a {}.", "a man with a camera"],
    "document": ["handwriting on paper"],
}
VERDICTS = {
    "animal": {"cat": 1, "otters": 1, "wren": 1, "coffee": 0, "dandelions": 0, "astronaut": 0},
    "building": {"colosseum": 1, "city-night": 1, "courtyard": 1, "mountain-lake": 0, "desert-dune": 0},
    "landscape": {
        "mountain-lake": 1, "desert-dune": 1, "tea-garden": 1, "saturn": 0, "city-sunset": 0, "blue-flowers": 0,
        "rocket": 0, "dandelions": 0, "city-night": 0, "osprey": 0,
    },
}

# By picture: the session's fields that differ, and what the person does: keys, or a click at a place.
PICTURES = {
    "groups": ({"selected": 0, "order": "Groups"}, []),
    "histogram": ({"selected": 0, "order": "Ranked"}, ["Home"]),
    "review": ({"selected": 1}, ["r", "n", "y"]),
    "why": ({"selected": 0, "order": "Ranked"}, ["Home", "Right", "Right", "Right", "Right", (1052, 316)]),
    "doctor": ({"selected": 2}, ["d"]),
    "evaluation": ({}, ["ctrl+shift+e"]),
    "similar": ({"order": "Groups"}, ["Home", "s", "f", "type:by the water"]),
}


def prepare(folder):
    """Sorts the sample photos into folders, reads them, and remembers categories and verdicts."""
    photos, data = os.path.join(folder, "Photos/2026/Samples"), os.path.join(folder, "data")
    for name, files in FOLDERS.items():
        os.makedirs(os.path.join(photos, name))
        for file in files:
            shutil.copy(os.path.join(ROOT, "assets/sample", file + ".jpg"), os.path.join(photos, name))
    subprocess.run([PROGRAM, "index", photos, "--data-dir", data], check=True)
    store = sqlite3.connect(os.path.join(data, "tagroll.db"))
    prints = {os.path.basename(os.fsdecode(path))[:-4]: print_ for path, print_ in store.execute("SELECT path, fingerprint FROM files")}
    for category, said in VERDICTS.items():
        rows = [(category, prints[photo], answer) for photo, answer in said.items()]
        store.executemany("INSERT INTO verdicts VALUES (?, ?, ?)", rows)
    store.commit()
    store.close()
    return photos, data


def session(photos, changes):
    category = lambda place, name: {
        "id": place, "name": name, "prompts": PROMPTS.get(name, ["a photo of a {}."]), "cutoff": "auto",
    }
    categories = [category(place, name) for place, name in enumerate(FOLDERS)]
    window = {"width": WIDTH, "height": HEIGHT, "is_maximized": False}
    always = {
        "roots": [photos], "categories": categories, "window": window, "is_recommendation_dismissed": True,
        "language": "english",
    }
    return always | changes


def photograph(name, photos, data, display):
    changes, steps = PICTURES[name]
    with open(os.path.join(data, "session.json"), "w") as file:
        json.dump(session(photos, changes), file)
    environment = os.environ | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    environment.pop("WAYLAND_DISPLAY", None)
    xdotool = lambda *arguments: subprocess.run(["xdotool", *arguments], env=environment, check=True)
    window = subprocess.Popen([PROGRAM, "--data-dir", data], env=environment)
    try:
        time.sleep(8)
        # Without a window manager nobody gives the window the keyboard.
        xdotool("search", "--onlyvisible", "--name", "Tagroll", "windowfocus")
        xdotool("mousemove", "600", "850")
        for step in steps:
            if isinstance(step, tuple):
                xdotool("mousemove", str(step[0]), str(step[1]), "click", "1", "mousemove", "600", "850")
            elif step.startswith("type:"):
                xdotool("type", "--delay", "60", step[5:])
            else:
                xdotool("key", step)
            time.sleep(2)
        time.sleep(4)
        dump = subprocess.run(["xwd", "-root", "-silent"], env=environment, check=True, capture_output=True).stdout
    finally:
        window.terminate()
        window.wait()
    with open(os.path.join(ROOT, "assets/screenshots", name + ".png"), "wb") as file:
        file.write(png(dump))


def png(dump):
    """The picture of an X window dump of 32 bits a pixel."""
    header = struct.unpack(">25I", dump[:100])
    size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
    start = size + 12 * colours
    rows, above = bytearray(), bytes(3 * width)
    for y in range(height):
        row = dump[start + y * line : start + y * line + 4 * width]
        # Blue, green, red and padding become red, green, blue.
        pixels = bytearray(3 * width)
        pixels[0::3], pixels[1::3], pixels[2::3] = row[2::4], row[1::4], row[0::4]
        rows += smallest(pixels, above)
        above = pixels
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    shape = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", shape) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")


def smallest(pixels, above):
    """A row as it is, less its left neighbours or less the row above: the one that will take least room."""
    less = lambda others: bytes((one - other) & 255 for one, other in zip(pixels, others))
    rows = [bytes([0]) + pixels, bytes([1]) + less(bytes(3) + pixels), bytes([2]) + less(above)]
    return min(rows, key=lambda row: sum(min(byte, 256 - byte) for byte in row[1:]))


def main():
    display = ":%d" % (90 + os.getpid() % 900)
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", f"{WIDTH}x{HEIGHT}x24"], stderr=subprocess.DEVNULL)
    os.makedirs(os.path.join(ROOT, "assets/screenshots"), exist_ok=True)
    try:
        # The inspector shows where photos lie.
        folder = os.path.join(tempfile.gettempdir(), "ada")
        os.mkdir(folder)
        try:
            photos, data = prepare(folder)
            for name in sys.argv[1:] or PICTURES:
                photograph(name, photos, data, display)
        finally:
            shutil.rmtree(folder)
    finally:
        screen.terminate()
        screen.wait()


main()
