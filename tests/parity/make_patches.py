#!/usr/bin/env python3
"""Writes patches.json: what a picture's patches mean by HuggingFace's and open_clip's own modules, for the small models of
goldens.json and families.json.

    venv/bin/python tests/parity/make_patches.py       # a few seconds; venv as in make_goldens.py

CLIP: of the last block only the value and the output layer, for each patch by itself. OpenCLIP's averaging towers: the patches' own
rows, normalised and projected. SigLIP: each patch through the pooling head as if it were the only one.
"""
import torch
from torch.nn.functional import normalize

from make_goldens import HERE, MODELS, OPEN_CLIP, PICTURES, SIGLIP, closest, filled, picture, rounded, write

# Every patch would be a large file that says no more.
STEP = 5


def golden(spec, grid, vectors):
    vectors = normalize(vectors, dim=-1)
    print(spec["name"], grid, "closest two patches: %.3f" % closest(vectors))
    return {"name": spec["name"], "columns": grid[0], "rows": grid[1], "vectors": rounded(vectors[::STEP])}


def whole(model):
    """Position numbers are no weights, and were made without numbers."""
    tower = model.vision_model.embeddings
    tower.position_ids = torch.arange(tower.position_embedding.weight.shape[0])[None]
    return model


@torch.no_grad()
def clip(spec):
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    with torch.device("meta"):
        model = CLIPModel(CLIPConfig.from_dict(spec["config"]))
    model = whole(filled(model, spec["dtype"])[0])
    pixels = CLIPImageProcessorPil(**spec["processor"])([picture(*PICTURES[0])], return_tensors="pt")["pixel_values"]
    tower = model.vision_model
    rows = {}
    last = tower.encoder.layers[-1]
    handle = last.layer_norm1.register_forward_hook(lambda module, given, out: rows.update(last=out))
    tower(pixels)
    handle.remove()
    values = last.self_attn.out_proj(last.self_attn.v_proj(rows["last"]))
    vectors = model.visual_projection(tower.post_layernorm(values[0, 1:]))
    side = spec["config"]["vision_config"]["image_size"] // spec["config"]["vision_config"]["patch_size"]
    return golden(spec, (side, side), vectors)


@torch.no_grad()
def open_clip(spec):
    from open_clip.model import CLIP, CustomTextCLIP
    from open_clip.transform import PreprocessCfg, image_transform_v2

    settings = dict(spec["config"]["model_cfg"])
    kind = CustomTextCLIP if settings.pop("custom_text", False) else CLIP
    model = filled(kind(**settings), spec["dtype"])[0]
    transform = image_transform_v2(PreprocessCfg(**spec["config"]["preprocess_cfg"]), is_train=False)
    rows = {}
    tower = model.visual
    tower.transformer.register_forward_hook(lambda module, given, out: rows.update(last=out))
    tower(transform(picture(*PICTURES[0]))[None])
    vectors = tower.ln_post(rows["last"][0, 1:]) @ tower.proj
    return golden(spec, tower.grid_size[::-1], vectors)


@torch.no_grad()
def siglip(spec):
    from transformers import SiglipConfig, SiglipModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    with torch.device("meta"):
        model = SiglipModel(SiglipConfig.from_dict(spec["config"]))
    model = whole(filled(model, spec["dtype"])[0])
    pixels = SiglipImageProcessorPil(**spec["processor"])([picture(*PICTURES[0])], return_tensors="pt")["pixel_values"]
    tower = model.vision_model
    rows = tower(pixels).last_hidden_state[0]
    side = spec["config"]["vision_config"]["image_size"] // spec["config"]["vision_config"]["patch_size"]
    return golden(spec, (side, side), tower.head(rows[:, None, :]))


if __name__ == "__main__":
    models = [clip(MODELS[3]), open_clip(OPEN_CLIP[2]), open_clip(OPEN_CLIP[3]), siglip(SIGLIP[2])]
    write(HERE / "patches.json", {"step": STEP, "models": models})
