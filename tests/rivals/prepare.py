"""Writes what all runtimes are given: model folders of random weights, pictures, photos, and the towers as ONNX graphs.

    prepare.py WORK_DIR SHAPE...        # of b32, b16, l14, starter, photos

Everything comes from fixed seeds, and what is there already is kept. The weights have the names, shapes and spreads of
HuggingFace's freshly made CLIPModel, but for the biases: there they are zero, here small, so that a forgotten one shows.
"""
import json
import pathlib
import shutil
import sys
import zlib

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

import graphs
import pictures
import starter

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPT = "a photo of a brown dog running along a sandy beach beside the sea at sunset"
TOKENIZER = ROOT / "tests" / "fixtures" / "clip-tokenizer" / "tokenizer.json"
STARTER = ROOT / "assets" / "starter-model"
# How many pictures are compared: fewer where one takes long.
PICTURES = {"b32": 64, "b16": 32, "l14": 16, "starter": 64}
PHOTOS = 24


def tower(width, layers, heads):
    return {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers,
            "num_attention_heads": heads, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}


def config(text, vision, patch, projection):
    text = {**text, "vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 49407}
    vision = {**vision, "image_size": 224, "patch_size": patch}
    return {"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": projection,
            "text_config": {**text, "projection_dim": projection}, "vision_config": {**vision, "projection_dim": projection}}


SHAPES = {
    "b32": config(tower(512, 12, 8), tower(768, 12, 12), 32, 512),
    "b16": config(tower(512, 12, 8), tower(768, 12, 12), 16, 512),
    "l14": config(tower(768, 12, 12), tower(1024, 24, 16), 14, 768),
}
PROCESSOR = {"do_resize": True, "size": {"shortest_edge": 224}, "resample": 3, "do_center_crop": True,
             "crop_size": {"height": 224, "width": 224}, "do_rescale": True, "rescale_factor": 1 / 255,
             "do_normalize": True, "do_convert_rgb": True, "image_mean": pictures.MEAN, "image_std": pictures.DEVIATION}


def shapes(settings):
    """Name, shape and standard deviation of each tensor, as `CLIPPreTrainedModel._init_weights` has them."""
    text, vision, projection = settings["text_config"], settings["vision_config"], settings["projection_dim"]
    words, width, patch = text["hidden_size"], vision["hidden_size"], vision["patch_size"]
    patches = (vision["image_size"] // patch) ** 2
    yield "text_projection.weight", (projection, words), words**-0.5
    yield "visual_projection.weight", (projection, width), width**-0.5
    yield "text_model.embeddings.token_embedding.weight", (text["vocab_size"], words), 0.02
    yield "text_model.embeddings.position_embedding.weight", (text["max_position_embeddings"], words), 0.02
    yield "vision_model.embeddings.class_embedding", (width,), width**-0.5
    yield "vision_model.embeddings.patch_embedding.weight", (width, 3, patch, patch), 0.02
    yield "vision_model.embeddings.position_embedding.weight", (patches + 1, width), 0.02
    yield from norm("text_model.final_layer_norm", words)
    yield from norm("vision_model.pre_layrnorm", width)
    yield from norm("vision_model.post_layernorm", width)
    for prefix, part in (("text_model", text), ("vision_model", vision)):
        for index in range(part["num_hidden_layers"]):
            yield from block(f"{prefix}.encoder.layers.{index}", part)


def block(prefix, part):
    width, wide = part["hidden_size"], part["intermediate_size"]
    inner = width**-0.5 * (2 * part["num_hidden_layers"]) ** -0.5
    for name, outputs, inputs, spread in (
            ("self_attn.q_proj", width, width, inner), ("self_attn.k_proj", width, width, inner),
            ("self_attn.v_proj", width, width, inner), ("self_attn.out_proj", width, width, width**-0.5),
            ("mlp.fc1", wide, width, (2 * width) ** -0.5), ("mlp.fc2", width, wide, inner)):
        yield f"{prefix}.{name}.weight", (outputs, inputs), spread
        yield f"{prefix}.{name}.bias", (outputs,), 0.02
    yield from norm(f"{prefix}.layer_norm1", width)
    yield from norm(f"{prefix}.layer_norm2", width)


def norm(name, width):
    yield f"{name}.weight", (width,), 0.0
    yield f"{name}.bias", (width,), 0.02


def tensor(name, shape, spread):
    """The seed is the tensor's name, so that no tensor depends on the order."""
    numbers = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape, dtype=np.float32)
    centre = 1.0 if name.endswith("weight") and len(shape) == 1 else 0.0
    return numbers * np.float32(spread) + np.float32(centre)


def write_folder(folder, settings):
    """A model folder that Tagroll opens and HuggingFace's CLIPModel too."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor(name, shape, spread) for name, shape, spread in shapes(settings)}
    weights["logit_scale"] = np.array(2.6592, dtype=np.float32)
    (folder / "config.json").write_text(json.dumps(settings, indent=1))
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=1))
    shutil.copy(TOKENIZER, folder / "tokenizer.json")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def write_ids(path, tokenizer):
    tokens = Tokenizer.from_file(str(tokenizer))
    tokens.no_padding()
    path.write_text(json.dumps(tokens.encode(PROMPT).ids))
    return json.loads(path.read_text())


def clip(folder, settings):
    write_folder(folder / "model", settings)
    ids = write_ids(folder / "ids.json", TOKENIZER)
    weights = load_file(folder / "model" / "model.safetensors")
    graphs.write_clip(folder, settings, weights, len(ids))


def once(folder, write):
    """Runs `write` unless an earlier run has finished it."""
    done = folder / "done"
    if done.exists():
        return
    print(f"writing {folder.name}", file=sys.stderr, flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)
    done.touch()


def starter_graphs(folder):
    starter.write(folder, STARTER, write_ids(folder / "ids.json", STARTER / "tokenizer.json"))


def main(work, *names):
    work = pathlib.Path(work)
    for name in names:
        if name == "photos":
            once(work / "photos", lambda folder: pictures.write_photos(folder / "jpeg", PHOTOS))
            continue
        pictures.write_pictures(work / f"pictures-{PICTURES[name]}", PICTURES[name])
        if name == "starter":
            once(work / name, starter_graphs)
        else:
            once(work / name, lambda folder, name=name: clip(folder, SHAPES[name]))


if __name__ == "__main__":
    main(*sys.argv[1:])
