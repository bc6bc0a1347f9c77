#!/usr/bin/env python3
"""What the window costs while nothing changes: opens the real window on a library of 10,000 known photos, on a virtual
screen, waits until everything is there, and measures the processor time of all its threads; once as it stands, once with
the keyboard in Find, once with one photo large, once with the settings open. Fails where it is 0.1 % of one core or more.

Usage: tests/idle.py [SECONDS]   (60 without; needs a built program, Xvfb and xdotool; CARGO_PROFILE=release for that one)
"""

import glob
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROFILE = os.environ.get("CARGO_PROFILE", "debug")
PROGRAM = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), PROFILE, "tagroll")
PHOTOS = 10_000
MOST_PERCENT = 0.1
STATES = {
    "at rest": [],
    "keyboard in Find": ["key ctrl+f"],
    "one photo large": ["key Escape", "mousemove 640 300 click 1", "key space"],
    "settings open": ["key Escape", "key ctrl+comma"],
}


def prepare(folder):
    """A folder of photos that the store knows already. Reading so many would take minutes and say nothing about rest."""
    photos, data = os.path.join(folder, "photos"), os.path.join(folder, "data")
    os.makedirs(photos)
    sample = os.path.join(ROOT, "assets/sample")
    subprocess.run([PROGRAM, "index", sample, "--data-dir", data], check=True, stdout=subprocess.DEVNULL)
    store = sqlite3.connect(os.path.join(data, "tagroll.db"))
    known = [os.path.basename(os.fsdecode(path)) for (path,) in store.execute("SELECT path FROM files")]
    prints = {os.path.basename(os.fsdecode(path)): print_ for path, print_ in store.execute("SELECT path, fingerprint FROM files")}
    for number in range(PHOTOS):
        name = known[number % len(known)]
        path = os.path.join(photos, f"{number:05} {name}")
        os.link(first_copy(folder, sample, name), path)
        state, new, old = os.stat(path), number.to_bytes(16, "big"), prints[name]
        store.execute("INSERT INTO files VALUES (?, ?, ?, ?)", (os.fsencode(path), state.st_size, state.st_mtime_ns, new))
        for table, rest in [("looks", "width_px, height_px, average"), ("thumbnails", "jpeg"), ("metadata", "reader, json")]:
            store.execute(f"INSERT INTO {table} SELECT ?, {rest} FROM {table} WHERE fingerprint = ?", (new, old))
        store.execute("INSERT INTO embeddings SELECT model, ?, numbers FROM embeddings WHERE fingerprint = ?", (new, old))
    store.commit()
    store.close()
    return photos, data


def first_copy(folder, sample, name):
    """Links need the same disk as what they link to."""
    copy = os.path.join(folder, name)
    if not os.path.exists(copy):
        shutil.copy(os.path.join(sample, name), copy)
    return copy


def used_ns(window):
    """Processor time of each thread so far, by its name."""
    threads = {}
    for task in glob.glob(f"/proc/{window.pid}/task/*"):
        try:
            name, used = open(task + "/comm").read().strip(), int(open(task + "/schedstat").read().split()[0])
        except FileNotFoundError:
            continue
        threads[name, task] = used
    return threads


def settle(window):
    """Waits until the window has used next to nothing for three seconds."""
    quiet, before = 0, sum(used_ns(window).values())
    for _ in range(300):
        time.sleep(1)
        if window.poll() is not None:
            sys.exit("The window closed by itself.")
        now = sum(used_ns(window).values())
        quiet = quiet + 1 if now - before < 5_000_000 else 0
        before = now
        if quiet == 3:
            return
    sys.exit("The window did not come to rest in five minutes.")


def measure(window, state, seconds):
    """Prints what a state costs; returns it in percent of one core."""
    before, begun = used_ns(window), time.monotonic()
    time.sleep(seconds)
    after, took = used_ns(window), time.monotonic() - begun
    by_thread = {key: used - before.get(key, 0) for key, used in after.items()}
    percent = 100 * sum(by_thread.values()) / 1e9 / took
    busiest = sorted(((used, name) for (name, _), used in by_thread.items() if used > 0), reverse=True)[:3]
    busiest = ", ".join(f"{name} {used / 1e6:.1f} ms" for used, name in busiest) or "no thread ran"
    print(f"{state:18} {percent:7.4f} % of one core over {took:.0f} s ({busiest})", flush=True)
    return percent


def watch(display, data, photos, seconds):
    environment = os.environ | {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    environment.pop("WAYLAND_DISPLAY", None)
    xdotool = lambda *arguments: subprocess.run(["xdotool", *arguments], env=environment, check=True)
    window = subprocess.Popen([PROGRAM, "--data-dir", data, photos], env=environment)
    try:
        settle(window)
        # Without a window manager nobody gives the window the keyboard.
        xdotool("search", "--onlyvisible", "--name", "Tagroll", "windowfocus")
        figures = []
        for state, steps in STATES.items():
            for step in steps:
                xdotool(*step.split())
                time.sleep(1)
            settle(window)
            figures.append(measure(window, state, seconds))
        return max(figures)
    finally:
        window.terminate()
        window.wait()


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    display = ":%d" % (90 + os.getpid() % 900)
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "1280x860x24"], stderr=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            photos, data = prepare(folder)
            most = watch(display, data, photos, seconds)
    finally:
        screen.terminate()
        screen.wait()
    if most >= MOST_PERCENT:
        sys.exit(f"That is not idle: {most:.3f} % where less than {MOST_PERCENT} % is allowed.")


main()
