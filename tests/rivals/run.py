"""Tagroll beside the runtimes that others use, on the same weights and pictures, in turn in one run.

    python3 tests/rivals/run.py [--shapes b32,b16,l14,starter,photos] [--seconds 4] [--rounds 3] [--threads 2]
                                [--tagroll target/release/tagroll] [--json FILE]

Installs onnxruntime, openvino and torch into target/rivals by pip; one that cannot be had is said and left out. Each runtime runs
in a process of its own, A B C A B C, so that drift hits all alike. Prints tables of medians, ratios to the first row, peak memory of
the process, and the mean cosine of the vectors to PyTorch's in f32. Ends with 1 if a runtime failed or a cosine is below 0.99.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "target" / "rivals"
PACKAGES = ["numpy", "pillow", "safetensors", "tokenizers", "onnx", "onnxruntime", "openvino", "torch"]
RIVALS = ["onnxruntime-f32", "onnxruntime-int8", "openvino-f32", "openvino-bf16", "pytorch-f32", "pytorch-bf16"]
OURS = ["tagroll-f32", "tagroll-bf16", "tagroll-int8"]
LEAST_COSINE = 0.99


def python():
    """The interpreter of the environment with everything in it that could be installed."""
    interpreter = WORK / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (WORK / "installed").exists():
        venv.create(WORK / "venv", with_pip=True)
        for package in PACKAGES:
            done = subprocess.run([interpreter, "-m", "pip", "install", "--quiet", package])
            if done.returncode != 0:
                print(f"{package} cannot be installed and is left out", file=sys.stderr)
        (WORK / "installed").touch()
    return interpreter


def measured(command):
    """What a process prints as JSON, with the most memory that it had in MiB; `None` if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, cwd=HERE)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        print(f"failed: {' '.join(map(str, command))}", file=sys.stderr)
        return None
    return {**json.loads(text), "memory": usage.ru_maxrss / 1024}


def tagroll(args, name, parts, model, photos):
    precision = name.removeprefix("tagroll-")
    with tempfile.TemporaryDirectory() as data:
        found = measured([args.tagroll, "bench", *parts, "--model", model, "--precision", precision, "--photos", photos,
                          "--threads", str(args.threads), "--data-dir", data, "--json",
                          *(["--vectors"] if "image" in parts else [])])
    if found is None:
        return None
    figures = {figure["what"]: figure["median"] for figure in found["results"]}
    return {"pictures": figures.get("image tower"), "prompt": figures.get("text tower"),
            "photos": figures.get("pipeline"), "decode": figures.get("pipeline, decoding alone"),
            "network": figures.get("pipeline, network alone"), "share": figures.get("pipeline, of what its parts allow"),
            "memory": found["memory"], "vectors": found.get("vectors")}


def cosine(found, wanted):
    """The mean over pairs of rows."""
    def one(a, b):
        dot = sum(x * y for x, y in zip(a, b))
        return dot / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5
    return statistics.mean(one(a, b) for a, b in zip(found, wanted))


def in_turn(names, rounds, measure):
    """The runs of each name, without those that failed."""
    runs = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            print(f"  {name}", file=sys.stderr, flush=True)
            found = measure(name)
            if found is not None:
                runs[name].append(found)
    return {name: found for name, found in runs.items() if found}


def median(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def towers(args, shape):
    folder = WORK / shape
    pictures = next(WORK.glob("pictures-64")) if shape in ("b32", "starter") else WORK / f"pictures-{ {'b16': 32, 'l14': 16}[shape] }"
    model = "starter" if shape == "starter" else folder / "model"

    def measure(name):
        if name.startswith("tagroll"):
            return tagroll(args, name, ["image", "text"], model, pictures)
        return measured([args.python, "runtimes.py", name, folder, pictures, str(args.threads), str(args.seconds)])

    names = ["onnxruntime-f32", "openvino-f32", *OURS] if shape == "starter" else RIVALS + OURS
    runs = in_turn(names, args.rounds, measure)
    reference = runs.get("pytorch-f32", runs.get("onnxruntime-f32"))[0]["vectors"]
    rows = {}
    for name, found in runs.items():
        vectors = found[0]["vectors"]
        rows[name] = {"pictures": median(found, "pictures"), "prompt": median(found, "prompt"),
                      "memory": median(found, "memory"), "runs": len(found),
                      "image cosine": cosine(vectors["images"], reference["images"]),
                      "text cosine": cosine(vectors["texts"], reference["texts"])}
    show(shape, rows)
    return rows, len(runs) == len(names) and all(row["image cosine"] >= LEAST_COSINE for row in rows.values())


def show(shape, rows):
    first = next(iter(rows.values()))
    print(f"\n{shape}\n\n| | pictures/s | ratio | prompt ms | memory MiB | cosine of pictures | of the prompt |")
    print("|-|-|-|-|-|-|-|")
    for name, row in rows.items():
        print(f"| {name} | {row['pictures']:.1f} | {row['pictures'] / first['pictures']:.2f} | {row['prompt']:.1f} | "
              f"{row['memory']:.0f} | {row['image cosine']:.5f} | {row['text cosine']:.5f} |")


def photos(args):
    folder, shown = WORK / "b32", WORK / "photos" / "jpeg"

    def measure(name):
        if name.startswith("tagroll"):
            return tagroll(args, name, ["pipeline"], folder / "model", shown)
        return measured([args.python, "runtimes.py", name, folder, shown, str(args.threads), str(args.seconds)])

    names = ["older-rclip", "newer-rclip", *OURS]
    runs = in_turn(names, args.rounds, measure)
    keys = ["photos", "decode", "network", "share", "memory"]
    rows = {name: {key: median(found, key) for key in keys} for name, found in runs.items()}
    first = next(iter(rows.values()))
    print("\nphotos of 24 megapixels through ViT-B/32\n")
    print("| | photos/s | ratio | decoding alone | network alone | of what both allow | memory MiB |\n|-|-|-|-|-|-|-|")
    for name, row in rows.items():
        parts = " | | " if row["share"] is None else f"{row['decode']:.1f} | {row['network']:.1f} | {row['share']:.0f} %"
        print(f"| {name} | {row['photos']:.2f} | {row['photos'] / first['photos']:.2f} | {parts} | {row['memory']:.0f} |")
    return rows, len(runs) == len(names)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", default="b32,b16,l14,starter,photos")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--tagroll", type=pathlib.Path, default=ROOT / "target" / "release" / "tagroll")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def main():
    args = arguments()
    if not args.tagroll.exists():
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    args.tagroll = args.tagroll.resolve()
    args.python = python()
    shapes = args.shapes.split(",")
    needed = list(dict.fromkeys(["b32"] * ("photos" in shapes) + shapes))
    subprocess.run([args.python, "prepare.py", WORK, *needed], cwd=HERE, check=True)
    results, is_good = {}, True
    for shape in shapes:
        results[shape], is_sound = photos(args) if shape == "photos" else towers(args, shape)
        is_good = is_good and is_sound
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
