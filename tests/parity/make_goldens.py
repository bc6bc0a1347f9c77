#!/usr/bin/env python3
"""Writes what the parity tests compare with: goldens.json, shared_photos.json and the CLIP tokenizer of the fixtures.

    python3 -m venv venv
    venv/bin/pip install torch transformers tokenizers safetensors pillow numpy open_clip_torch
    venv/bin/python tests/parity/make_goldens.py goldens            # about two minutes
    venv/bin/python tests/parity/make_goldens.py families           # families.json, about one minute
    venv/bin/python tests/parity/make_goldens.py tokenizer          # tests/fixtures/clip-tokenizer/tokenizer.json
    venv/bin/python tests/parity/make_goldens.py photos PHOTOS_DIR MODEL_DIR

`goldens` runs HuggingFace's CLIPModel in f32 on random weights; `families` does the same with open_clip's models and HuggingFace's
SiglipModel, whose tokenizers make_tokens.py has made. The weights and pictures are formulas, which
checkpoint.rs has in Rust; change both or none. `photos` runs the starter model (MODEL_DIR holds its reference.py beside its
files) on twenty photos of PHOTOS_DIR, whole pipeline, decoded by Pillow.

Vectors are written as whole numbers, 100,000 times their value.
"""
import gzip
import importlib.util
import json
import pathlib
import re
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZER = HERE.parent / "fixtures" / "clip-tokenizer"

TEXTS = [
    "a photo of a dog",
    "",
    "Two cats asleep on a café sofa, 2024!",
    "snowy mountains at sunset",
    "an old red tractor " * 30,
]
PICTURES = [("wide", 300, 200), ("tall", 200, 301), ("small", 90, 131), ("large", 641, 480)]


def tower(width, wide, layers, heads, act):
    return {"hidden_size": width, "intermediate_size": wide, "num_hidden_layers": layers, "num_attention_heads": heads,
            "hidden_act": act}


def model(name, dtype, text, vision, patch, image, projection, eos, processor):
    text = {**text, "vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": eos}
    vision = {**vision, "image_size": image, "patch_size": patch}
    config = {"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": projection,
              "text_config": text, "vision_config": vision}
    return {"name": name, "dtype": dtype, "config": config, "processor": processor}


OLD_PROCESSOR = {"do_resize": True, "size": 224, "resample": 3, "do_center_crop": True, "crop_size": 224,
                 "do_normalize": True, "image_mean": [0.48145466, 0.4578275, 0.40821073],
                 "image_std": [0.26862954, 0.26130258, 0.27577711]}
NEW_PROCESSOR = {**OLD_PROCESSOR, "size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224},
                 "do_rescale": True, "rescale_factor": 0.00392156862745098, "do_convert_rgb": True}
ODD_PROCESSOR = {"size": {"height": 96, "width": 96}, "resample": 2, "do_center_crop": False,
                 "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.3]}

MODELS = [
    model("ViT-B/32, QuickGELU, f32", "F32", tower(512, 2048, 12, 8, "quick_gelu"),
          tower(768, 3072, 12, 12, "quick_gelu"), 32, 224, 512, 2, OLD_PROCESSOR),
    model("ViT-B/16, QuickGELU, f16", "F16", tower(512, 2048, 12, 8, "quick_gelu"),
          tower(768, 3072, 12, 12, "quick_gelu"), 16, 224, 512, 2, NEW_PROCESSOR),
    model("ViT-B/32, GELU, bf16", "BF16", tower(512, 2048, 12, 8, "gelu"),
          tower(768, 3072, 12, 12, "gelu"), 32, 224, 512, 49407, NEW_PROCESSOR),
    model("odd shapes", "F32", tower(160, 320, 3, 5, "gelu"),
          tower(192, 640, 5, 3, "quick_gelu"), 12, 96, 72, 49407, ODD_PROCESSOR),
]


def mix(seed, index):
    x = (index.astype(np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)).astype(np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def seed(name):
    value = 0x811C9DC5
    for byte in name.encode() if isinstance(name, str) else name:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def centre_and_spread(name, shape):
    fan_in = float(np.prod(shape[1:], dtype=np.float64))
    if name == "logit_scale":
        return 2.6592, 0.0
    if name == "logit_bias":
        return -2.0, 0.0
    if "token_embedding" in name:
        return 0.0, 1.7
    if "position_embedding" in name or "positional_embedding" in name:
        return 0.0, 0.5
    if "class_embedding" in name or "probe" in name:
        return 0.0, 1.0
    if ("norm" in name or "ln_" in name) and name.endswith("weight"):
        return 1.0, 0.3
    if name.endswith("bias"):
        return 0.0, 0.2
    if "q_proj" in name or "k_proj" in name:
        return 0.0, 3.0 / np.sqrt(fan_in)
    return 0.0, 1.7 / np.sqrt(fan_in)


def tensor(name, shape):
    centre, spread = centre_and_spread(name, shape)
    count = int(np.prod(shape, dtype=np.int64))
    made = np.empty(count, dtype=np.float32)
    for start in range(0, count, 1 << 24):
        index = np.arange(start, min(start + (1 << 24), count), dtype=np.uint32)
        numbers = (mix(seed(name), index) >> np.uint32(8)).astype(np.float64)
        made[start:start + len(index)] = centre - spread + numbers * (spread / 2.0**23)
    return torch.from_numpy(made.reshape(shape))


def picture(name, width, height):
    y, x, channel = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    patch = (y * 5 // height) * 5 + x * 5 // width
    colour = (mix(seed(name), patch * 3 + channel) & np.uint32(255)).astype(np.int32)
    grain = (mix(seed(name + " noise"), (y * width + x) * 3 + channel) & np.uint32(31)).astype(np.int32)
    return Image.fromarray((colour + grain - 16).clip(0, 255).astype(np.uint8))


def resampling():
    """Every filter, larger and smaller, with the bytes as their hash."""
    sizes = [(96, 96), (50, 340), (401, 33), (299, 224), (300, 61)]
    return [{"resample": resample, "picture": index, "width_px": width, "height_px": height,
             "hash": seed(picture(*PICTURES[index]).resize((width, height), resample).tobytes())}
            for resample in range(6) for index in range(3) for width, height in sizes]


def rounded(rows):
    rows = torch.nn.functional.normalize(torch.as_tensor(rows), dim=-1)
    return (rows * 100_000).round().int().tolist()


def closest(rows):
    """The highest cosine between two different inputs: far below one, or the test could not fail."""
    rows = torch.nn.functional.normalize(rows, dim=-1)
    return float((rows @ rows.T - 2 * torch.eye(len(rows))).max())


@torch.no_grad()
def run(spec):
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizerFast
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    with torch.device("meta"):
        clip = CLIPModel(CLIPConfig.from_dict(spec["config"]))
    stored = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[spec["dtype"]]
    state = {name: tensor(name, tuple(value.shape)).to(stored).float() for name, value in clip.state_dict().items()}
    clip.load_state_dict(state, assign=True)
    for tower in (clip.text_model, clip.vision_model):
        embeddings = tower.embeddings
        embeddings.position_ids = torch.arange(embeddings.position_embedding.weight.shape[0])[None]
    clip.eval()
    processor = CLIPImageProcessorPil(**spec["processor"])
    pixels = processor([picture(*one) for one in PICTURES], return_tensors="pt")["pixel_values"]
    images = clip.get_image_features(pixel_values=pixels)
    tokenizer = CLIPTokenizerFast.from_pretrained(TOKENIZER)
    ids = tokenizer(TEXTS, padding=True, truncation=True, max_length=77, return_tensors="pt")
    texts = clip.get_text_features(**ids)
    images, texts = (getattr(rows, "pooler_output", rows) for rows in (images, texts))
    print(spec["name"], "closest two inputs: images %.3f, texts %.3f" % (closest(images), closest(texts)))
    return {**spec, "images": rounded(images), "texts": rounded(texts)}


def goldens():
    pictures = [{"name": name, "width_px": width, "height_px": height} for name, width, height in PICTURES]
    content = {"pictures": pictures, "texts": TEXTS, "resampling": resampling(), "models": [run(spec) for spec in MODELS]}
    write(HERE / "goldens.json", content)


OPEN_CLIP = [
    {"name": "OpenCLIP ViT-B-32, f32", "dtype": "F32", "config": {
        "model_cfg": {"embed_dim": 512,
                      "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
                      "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}},
        "preprocess_cfg": {"mean": OLD_PROCESSOR["image_mean"], "std": OLD_PROCESSOR["image_std"]}}},
    {"name": "OpenCLIP ViT-B-16-quickgelu, f16", "dtype": "F16", "config": {
        "model_cfg": {"embed_dim": 512, "quick_gelu": True,
                      "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 16},
                      "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}},
        "preprocess_cfg": {"size": [224, 224], "mode": "RGB", "mean": OLD_PROCESSOR["image_mean"],
                           "std": OLD_PROCESSOR["image_std"], "interpolation": "bicubic", "resize_mode": "shortest",
                           "fill_color": 0}}},
    {"name": "odd OpenCLIP, f32", "dtype": "F32", "config": {
        "model_cfg": {"embed_dim": 72, "custom_text": True, "init_logit_bias": -10,
                      "vision_cfg": {"image_size": [96, 128], "layers": 4, "width": 192, "head_width": 32, "mlp_ratio": 2.5,
                                     "patch_size": 14, "no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True,
                                     "patch_dropout": 0.5, "act_kwargs": {"approximate": "tanh"},
                                     "norm_kwargs": {"eps": 1e-3}},
                      "text_cfg": {"context_length": 40, "vocab_size": 49408, "width": 160, "heads": 5, "layers": 3,
                                   "pool_type": "eos", "eos_id": 49407, "proj_bias": True}},
        "preprocess_cfg": {"size": [96, 128], "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 0.3],
                           "interpolation": "bilinear", "resize_mode": "squash"}}},
    {"name": "odd OpenCLIP with the norm before the mean, f32", "dtype": "F32", "config": {
        "model_cfg": {"embed_dim": 64, "vision_cfg": {"image_size": 80, "layers": 2, "width": 128, "patch_size": 16,
                                                      "pool_type": "avg"},
                      "text_cfg": {"width": 64, "heads": 2, "layers": 2, "proj_type": "none"}},
        "preprocess_cfg": {"size": 80}}},
]
SIGLIP_PROCESSOR = {"do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
                    "image_processor_type": "SiglipImageProcessor", "processor_class": "SiglipProcessor", "resample": 3,
                    "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}
SIGLIP = [
    {"name": "SigLIP B/16-224, f32", "dtype": "F32", "tokenizer": "siglip-tokenizer", "processor": SIGLIP_PROCESSOR,
     "config": {"model_type": "siglip", "architectures": ["SiglipModel"],
                "text_config": {"model_type": "siglip_text_model"}, "vision_config": {"model_type": "siglip_vision_model"}}},
    {"name": "SigLIP 2 B/16-256, bf16", "dtype": "BF16", "tokenizer": "siglip2-tokenizer",
     "processor": {**SIGLIP_PROCESSOR, "resample": 2, "size": {"height": 256, "width": 256}},
     "config": {"model_type": "siglip", "architectures": ["SiglipModel"],
                "text_config": {"model_type": "siglip_text_model", "vocab_size": 256000, "projection_size": 768},
                "vision_config": {"model_type": "siglip_vision_model", "image_size": 256}}},
    {"name": "odd SigLIP, f32", "dtype": "F32", "tokenizer": "siglip2-tokenizer",
     "processor": {"size": {"height": 100, "width": 100}},
     "config": {"model_type": "siglip",
                "text_config": {"hidden_size": 96, "intermediate_size": 200, "num_attention_heads": 4, "num_hidden_layers": 2,
                                "vocab_size": 3000, "projection_size": 144, "max_position_embeddings": 24},
                "vision_config": {"hidden_size": 144, "intermediate_size": 304, "num_attention_heads": 2,
                                  "num_hidden_layers": 3, "image_size": 100, "patch_size": 14}}},
]
FAMILY_TEXTS = TEXTS + ["ein Sonnenuntergang über Bergen", "Фотография СОБАКИ на пляже"]


def filled(model, dtype):
    """The model with the formulas' numbers, and what tensors it has: `#` stands for the number of a layer."""
    stored = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[dtype]
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    model.load_state_dict({name: tensor(name, shape).to(stored).float() for name, shape in shapes.items()}, assign=True)
    model.eval()
    kinds = {}
    for name, shape in shapes.items():
        kind = kinds.setdefault(re.sub(r"\.\d+\.", ".#.", name), {"shape": shape, "layers": 0})
        kind["layers"] += 1
    return model, [[name, list(kind["shape"]), kind["layers"]] for name, kind in kinds.items()]


def family_golden(spec, tensors, images, texts, logits, is_sigmoid):
    print(spec["name"], "closest two inputs: images %.3f, texts %.3f" % (closest(images), closest(texts)))
    probabilities = logits.sigmoid() if is_sigmoid else logits.softmax(dim=-1)
    return {**spec, "tensors": tensors, "images": rounded(images), "texts": rounded(texts),
            "probabilities": (probabilities * 1_000_000).round().int().tolist()}


@torch.no_grad()
def run_open_clip(spec):
    import open_clip
    from open_clip.model import CLIP, CustomTextCLIP
    from open_clip.transform import PreprocessCfg, image_transform_v2

    settings = dict(spec["config"]["model_cfg"])
    kind = CustomTextCLIP if settings.pop("custom_text", False) else CLIP
    model, tensors = filled(kind(**settings), spec["dtype"])
    transform = image_transform_v2(PreprocessCfg(**spec["config"]["preprocess_cfg"]), is_train=False)
    length = settings["text_cfg"].get("context_length", 77)
    ids = open_clip.SimpleTokenizer(context_length=length)(FAMILY_TEXTS)
    images = model.encode_image(torch.stack([transform(picture(*one)) for one in PICTURES]), normalize=True)
    texts = model.encode_text(ids, normalize=True)
    logits = model.logit_scale.exp() * images @ texts.T
    if model.logit_bias is not None:
        logits = logits + model.logit_bias
    return family_golden(spec, tensors, images, texts, logits, model.logit_bias is not None)


@torch.no_grad()
def run_siglip(spec):
    from transformers import SiglipConfig, SiglipModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
    from transformers.models.siglip2.tokenization_siglip2 import Siglip2Tokenizer

    with torch.device("meta"):
        model = SiglipModel(SiglipConfig.from_dict(spec["config"]))
    model, tensors = filled(model, spec["dtype"])
    for tower in (model.text_model, model.vision_model):
        tower.embeddings.position_ids = torch.arange(tower.embeddings.position_embedding.weight.shape[0])[None]
    processor = SiglipImageProcessorPil(**spec["processor"])
    pixels = processor([picture(*one) for one in PICTURES], return_tensors="pt")["pixel_values"]
    length = model.config.text_config.max_position_embeddings
    if spec["tokenizer"] == "siglip2-tokenizer":
        tokenizer = Siglip2Tokenizer.from_pretrained(TOKENIZER.parent / spec["tokenizer"])
        ids = tokenizer(FAMILY_TEXTS, padding="max_length", truncation=True, max_length=length)["input_ids"]
    else:
        # Its class runs spiece.model, which is not kept; make_tokens.py has compared it with tokenizer.json.
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(TOKENIZER.parent / spec["tokenizer"] / "tokenizer.json"))
        tokenizer.enable_padding(length=length, pad_id=1, pad_token="</s>")
        tokenizer.enable_truncation(length)
        ids = [encoding.ids for encoding in tokenizer.encode_batch(FAMILY_TEXTS)]
    out = model(input_ids=torch.tensor(ids), pixel_values=pixels)
    return family_golden(spec, tensors, out.image_embeds, out.text_embeds, out.logits_per_image, True)


def families():
    models = [run_open_clip(spec) for spec in OPEN_CLIP] + [run_siglip(spec) for spec in SIGLIP]
    write(HERE / "families.json", {"texts": FAMILY_TEXTS, "models": models})


def tokenizer():
    """OpenAI's byte-pair vocabulary (MIT), as open_clip carries it, in the form that the tokenizers library reads."""
    import open_clip
    from transformers import CLIPTokenizer

    source = pathlib.Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.open(source, "rt", encoding="utf-8").read().split("\n")[1:49152 - 256 - 2 + 1]
    merges = [tuple(line.split()) for line in lines]
    symbols = list(open_clip.tokenizer.bytes_to_unicode().values())
    words = symbols + [symbol + "</w>" for symbol in symbols] + ["".join(pair) for pair in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    made = CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=merges)
    TOKENIZER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made.save_pretrained(folder)
        content = json.load(open(pathlib.Path(folder) / "tokenizer.json", encoding="utf-8"))
    content["truncation"] = content["padding"] = None
    content["model"]["merges"] = [" ".join(pair) for pair in merges]
    write(TOKENIZER / "tokenizer.json", content)
    check = json.load(open(TOKENIZER / "tokenizer.json", encoding="utf-8"))
    assert len(check["model"]["vocab"]) == 49408


def photos(folder, model_folder):
    spec = importlib.util.spec_from_file_location("reference", pathlib.Path(model_folder) / "reference.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    starter = reference.Starter(str(model_folder))
    folder = pathlib.Path(folder)
    every = sorted(folder.glob("*/*.jpg"))
    names = sorted({path.parent.name for path in every})
    texts = starter.embed_texts([f"a photo of a {name.replace('_', ' ')}." for name in names])
    vectors = np.stack([starter.embed_images(starter.preprocess(Image.open(path))[None])[0] for path in every])
    right = sum(names[best] == path.parent.name for best, path in zip((vectors @ texts.T).argmax(1), every))
    chosen = [round(index * (len(every) - 1) / 19) for index in range(20)]
    content = {"photos": len(every), "right_top1": int(right), "template": "a photo of a {}.", "chosen": [
        {"path": every[index].relative_to(folder).as_posix(), "embedding": rounded(vectors[index])} for index in chosen]}
    write(HERE / "shared_photos.json", content)


def write(path, content):
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or ["goldens"]
    {"goldens": goldens, "families": families, "tokenizer": tokenizer, "photos": photos}[command](*rest)
