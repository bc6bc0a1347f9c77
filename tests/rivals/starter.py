"""The starter model's two towers as ONNX graphs in f32, from assets/starter-model: EfficientNet-Lite2 and MiniLM."""
import json
import math

import numpy as np
from onnx import TensorProto
from safetensors.numpy import load_file

from graphs import BATCH, Graph


def read_weights(path):
    """All as f32; an 8-bit matrix comes with one factor a row."""
    raw = load_file(path)
    weights = {}
    for name, values in raw.items():
        if name.endswith("_scale") and name.removesuffix("_scale") in raw:
            continue
        scale = raw[f"{name}_scale"][:, None] if values.dtype == np.int8 else np.float32(1)
        weights[name] = values.astype(np.float32) * scale
    return weights


class Tower(Graph):
    def __init__(self, weights):
        super().__init__()
        self.of = weights

    def dense(self, rows, name):
        return self.linear(rows, self.of[f"{name}.weight"], self.of[f"{name}.bias"])

    def unit(self, rows):
        return self.add("LpNormalization", rows, axis=-1, p=2)

    def conv(self, inputs, name, side, kernel=1, stride=1, groups=1, is_bounded=True):
        """A convolution and its ReLU6; gives the output and its side in pixels. Stride 2 is padded as TensorFlow does."""
        after = -(-side // stride)
        total = max((after - 1) * 2 + kernel - side, 0) if stride == 2 else kernel // 2 * 2
        pads = [total // 2] * 2 + [total - total // 2] * 2
        out = self.add("Conv", inputs, self.put(self.of[f"{name}.weight"]), self.put(self.of[f"{name}.bias"]),
                       kernel_shape=[kernel, kernel], strides=[stride, stride], group=groups, pads=pads)
        return (self.add("Clip", out, self.number(0), self.number(6)) if is_bounded else out), after

    def mean(self, inputs):
        return self.add("Flatten", self.add("GlobalAveragePool", inputs))

    def project(self, rows, name):
        wide = self.add("Gelu", self.dense(rows, f"{name}.f1"))
        return self.add("Add", self.dense(rows, f"{name}.lin"), self.dense(wide, f"{name}.f2"))


def block(tower, inputs, index, settings, side):
    at, out = f"image.blocks.{index}.", inputs
    if settings["expand"]:
        out, _ = tower.conv(out, at + "expand", side)
    out, side = tower.conv(out, at + "dw", side, settings["kernel"], settings["stride"], settings["cmid"])
    out, _ = tower.conv(out, at + "project", side, is_bounded=False)
    return (tower.add("Add", inputs, out) if settings["residual"] else out), side


def image_tower(path, config, weights):
    """Without the path over class names no checkpoint has been made, so it must be there."""
    tower, image = Tower(weights), config["image"]
    side = image["size"]
    taps = {tap["after_block"]: tap["name"] for tap in image["features"]["taps"]}
    out, side = tower.conv("pixels", "image.stem", side, 3, 2)
    features = {}
    for index, settings in enumerate(image["blocks"]):
        out, side = block(tower, out, index, settings, side)
        if index in taps:
            features[taps[index]] = tower.mean(out)
    out, _ = tower.conv(out, "image.head", side)
    features["gap"] = tower.mean(out)
    joined = tower.add("Concat", *(features[name] for name in image["features"]["order"]), axis=1)
    joined = tower.add("Mul", tower.add("Sub", joined, tower.put(weights["image_proj.mean"])),
                       tower.put(weights["image_proj.inv_std"]))
    joined = tower.add("Clip", joined, tower.number(-6), tower.number(6))
    named = tower.dense(features["gap"], "image_proj.classifier")
    named = tower.add("Softmax", tower.add("Mul", named, tower.put(weights["image_proj.class_tau"])), axis=-1)
    named = tower.unit(tower.add("MatMul", named, tower.put(weights["image_proj.class_embed.weight"])))
    named = tower.add("Mul", named, tower.put(weights["image_proj.class_gain"]))
    out = tower.unit(tower.add("Add", tower.project(joined, "image_proj"), named))
    tower.save(path, ("pixels", TensorProto.FLOAT, [BATCH, 3, image["size"], image["size"]]),
               (out, [BATCH, config["embed_dim"]]))


def text_tower(path, config, weights, length):
    tower, text = Tower(weights), config["text"]
    width, heads = text["hidden"], text["heads"]

    def norm(rows, name):
        return tower.norm(rows, weights[f"{name}.weight"], weights[f"{name}.bias"], text["layer_norm_eps"])

    rows = tower.add("Gather", tower.put(weights["text.word_embeddings.weight"]), "ids", axis=0)
    rows = tower.add("Add", rows, tower.put(weights["text.position_embeddings.weight"][None, :length]))
    rows = norm(rows, "text.emb_ln")
    for index in range(text["layers"]):
        at = f"text.layers.{index}."
        query, key, value = (tower.dense(rows, at + name) for name in "qkv")
        mixed = tower.attention(query, key, value, heads, (1, length, width), False)
        rows = norm(tower.add("Add", rows, tower.dense(mixed, at + "o")), at + "ln1")
        wide = tower.add("Gelu", tower.dense(rows, at + "ff1"))
        rows = norm(tower.add("Add", rows, tower.dense(wide, at + "ff2")), at + "ln2")
    pooled = tower.unit(tower.add("ReduceMean", rows, tower.shape(1), keepdims=0))
    pooled = tower.add("Mul", pooled, tower.number(math.sqrt(width)))
    out = tower.unit(tower.project(pooled, "text_proj"))
    tower.save(path, ("ids", TensorProto.INT64, [1, length]), (out, [1, config["embed_dim"]]))


def write(folder, model, ids):
    config = json.loads((model / "config.json").read_text())
    weights = read_weights(model / "model.safetensors")
    image_tower(folder / "image-plain.onnx", config, weights)
    text_tower(folder / "text-plain.onnx", config, weights, len(ids))
