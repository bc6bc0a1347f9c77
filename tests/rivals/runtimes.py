"""One runtime on one model in this process: both towers loaded, timed, and the vectors printed as JSON.

    runtimes.py NAME MODEL_DIR PICTURES_DIR THREADS SECONDS
    runtimes.py older-rclip|newer-rclip MODEL_DIR PHOTOS_DIR THREADS SECONDS

Each batch of eight pictures is timed by itself, after one that warms up; preparing its numbers is not counted. The prompt is
timed alone, at its true length. The last two decode whole photos too, as rclip does, and that counts.
"""
import concurrent.futures
import json
import pathlib
import sys
import time

import numpy as np
from PIL import Image

import pictures
from graphs import BATCH


class OnnxRuntime:
    """With onnxruntime's own attention operator where there is a graph with it."""

    def __init__(self, folder, threads, kind):
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        kind = kind if (folder / f"image-{kind}.onnx").exists() else "plain"
        self.image, self.text = (
            onnxruntime.InferenceSession(folder / f"{tower}-{kind}.onnx", options, providers=["CPUExecutionProvider"])
            for tower in ("image", "text"))

    def pictures(self, pixels):
        return self.image.run(None, {"pixels": pixels})[0]

    def prompt(self, ids):
        return self.text.run(None, {"ids": ids})[0]


class OpenVino:
    """One request at a time on all threads."""

    def __init__(self, folder, threads, precision):
        import openvino

        core = openvino.Core()
        settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                    "PERFORMANCE_HINT": "LATENCY"}
        self.image, self.text = (core.compile_model(folder / f"{tower}-plain.onnx", "CPU", settings).create_infer_request()
                                 for tower in ("image", "text"))

    def pictures(self, pixels):
        return self.image.infer({"pixels": pixels})[0].astype(np.float32)

    def prompt(self, ids):
        return self.text.infer({"ids": ids})[0].astype(np.float32)


class PyTorch:
    """Plain PyTorch with its fused attention, and one matrix for query, key and value."""

    def __init__(self, folder, threads, precision):
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch, self.precision = torch, getattr(torch, precision)
        self.settings = json.loads((folder / "model" / "config.json").read_text())
        raw = load_file(folder / "model" / "model.safetensors")
        self.weights = {name: raw.pop(name).to(self.precision) for name in list(raw)}
        for part in ("text", "vision"):
            for index in range(self.settings[f"{part}_config"]["num_hidden_layers"]):
                self.join(f"{part}_model.encoder.layers.{index}.self_attn")

    def join(self, prefix):
        for kind in ("weight", "bias"):
            parts = [self.weights.pop(f"{prefix}.{name}_proj.{kind}") for name in "qkv"]
            self.weights[f"{prefix}.qkv.{kind}"] = self.torch.cat(parts)

    def linear(self, rows, name):
        return self.torch.nn.functional.linear(rows, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def norm(self, rows, name):
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.torch.nn.functional.layer_norm(rows, weight.shape, weight, bias, 1e-5)

    def layers(self, rows, part, is_causal):
        settings = self.settings[f"{part}_config"]
        count, length, width = rows.shape
        heads = settings["num_attention_heads"]
        attend = self.torch.nn.functional.scaled_dot_product_attention
        for index in range(settings["num_hidden_layers"]):
            at = f"{part}_model.encoder.layers.{index}"
            joined = self.linear(self.norm(rows, f"{at}.layer_norm1"), f"{at}.self_attn.qkv")
            query, key, value = joined.view(count, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            mixed = attend(query, key, value, is_causal=is_causal).transpose(1, 2).reshape(count, length, width)
            rows = rows + self.linear(mixed, f"{at}.self_attn.out_proj")
            wide = self.linear(self.norm(rows, f"{at}.layer_norm2"), f"{at}.mlp.fc1")
            rows = rows + self.linear(wide * self.torch.sigmoid(1.702 * wide), f"{at}.mlp.fc2")
        return rows

    def pictures(self, pixels):
        at = "vision_model.embeddings"
        kernel = self.weights[f"{at}.patch_embedding.weight"]
        pixels = self.torch.from_numpy(pixels).to(self.precision)
        patches = self.torch.nn.functional.conv2d(pixels, kernel, stride=kernel.shape[-1]).flatten(2).transpose(1, 2)
        first = self.weights[f"{at}.class_embedding"].expand(len(pixels), 1, -1)
        rows = self.torch.cat([first, patches], 1) + self.weights[f"{at}.position_embedding.weight"]
        rows = self.layers(self.norm(rows, "vision_model.pre_layrnorm"), "vision", False)
        return self.linear(self.norm(rows[:, 0], "vision_model.post_layernorm"), "visual_projection").float().numpy()

    def prompt(self, ids):
        at = "text_model.embeddings"
        rows = self.weights[f"{at}.token_embedding.weight"][self.torch.from_numpy(ids)]
        rows = self.layers(rows + self.weights[f"{at}.position_embedding.weight"][:ids.shape[1]], "text", True)
        return self.linear(self.norm(rows[:, -1], "text_model.final_layer_norm"), "text_projection").float().numpy()


RUNTIMES = {
    "onnxruntime-f32": lambda folder, threads: OnnxRuntime(folder, threads, "fused"),
    "onnxruntime-int8": lambda folder, threads: OnnxRuntime(folder, threads, "int8"),
    "openvino-f32": lambda folder, threads: OpenVino(folder, threads, "f32"),
    "openvino-bf16": lambda folder, threads: OpenVino(folder, threads, "bf16"),
    "pytorch-f32": lambda folder, threads: PyTorch(folder, threads, "float32"),
    "pytorch-bf16": lambda folder, threads: PyTorch(folder, threads, "bfloat16"),
}


def read_pictures(folder):
    return [np.asarray(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.png"))]


def prepared(images, is_starter):
    """What the network reads: as CLIP wants it, or the starter model."""
    if not is_starter:
        return pictures.normalised(images)
    sized = np.stack([Image.fromarray(image).resize((260, 260), Image.Resampling.BILINEAR) for image in images])
    return np.ascontiguousarray((sized.transpose(0, 3, 1, 2).astype(np.float32) - 127) / 128)


def timed(call):
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def time_pictures(runtime, images, seconds, is_starter):
    """Pictures a second of each batch, and every picture's vector. All pictures are passed at least once."""
    rates, vectors, start, ends = [], [], 0, time.perf_counter() + seconds
    runtime.pictures(prepared(images[:BATCH], is_starter))
    while len(vectors) < len(images) or time.perf_counter() < ends:
        pixels = prepared(images[start:start + BATCH], is_starter)
        took, rows = timed(lambda pixels=pixels: runtime.pictures(pixels))
        rates.append(BATCH / took)
        vectors += rows.tolist() if len(vectors) < len(images) else []
        start = (start + BATCH) % len(images)
    return rates, vectors


def time_prompt(runtime, ids, seconds):
    for _ in range(3):
        vector = runtime.prompt(ids)
    times, ends = [], time.perf_counter() + seconds
    while len(times) < 10 or time.perf_counter() < ends:
        times.append(1000 * timed(lambda: runtime.prompt(ids))[0])
    return times, vector.tolist()


def towers(name, folder, shown, threads, seconds):
    runtime = RUNTIMES[name](folder, threads)
    ids = np.array([json.loads((folder / "ids.json").read_text())], dtype=np.int64)
    rates, vectors = time_pictures(runtime, read_pictures(shown), seconds, folder.name == "starter")
    times, texts = time_prompt(runtime, ids, seconds / 4)
    return {"pictures": float(np.median(rates)), "prompt": float(np.median(times)),
            "vectors": {"images": vectors, "texts": texts}}


def photos(name, folder, shown, threads, seconds):
    """Eight photos at a time: decoded whole, made small, embedded. The older rclip does so one by one and then with PyTorch, the
    newer one in threads and then with onnxruntime. Looking into the folder and the database of rclip are left out."""
    is_older = name == "older-rclip"
    runtime = RUNTIMES["pytorch-f32" if is_older else "onnxruntime-f32"](folder, threads)
    runtime.pictures(np.zeros((BATCH, 3, 224, 224), dtype=np.float32))
    workers = concurrent.futures.ThreadPoolExecutor(1 if is_older else threads)
    paths = sorted(shown.glob("*.jpg"))
    started, count = time.perf_counter(), 0
    while count < len(paths) or time.perf_counter() - started < seconds:
        start = count % len(paths)
        batch = workers.map(lambda path: np.asarray(pictures.cropped(Image.open(path))), paths[start:start + BATCH])
        runtime.pictures(pictures.normalised(list(batch)))
        count += BATCH
    return {"photos": count / (time.perf_counter() - started)}


def main(name, folder, shown, threads, seconds):
    measure = photos if name.endswith("-rclip") else towers
    print(json.dumps(measure(name, pathlib.Path(folder), pathlib.Path(shown), int(threads), float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
