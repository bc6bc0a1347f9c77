"""The pictures and photos that every runtime is given, made from seeds, and what CLIP does to one before the network."""
import sys

import numpy as np
from PIL import Image

MEAN = [0.48145466, 0.4578275, 0.40821073]
DEVIATION = [0.26862954, 0.26130258, 0.27577711]


def blobs(random, width, height, cells):
    """Smooth spots of colour, `cells` along the shorter side, from 0 to 255."""
    short = min(width, height)
    shape = (-(-height * cells // short), -(-width * cells // short), 3)
    small = Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def write_pictures(folder, count):
    """PNG files of 224 x 224, ready for the network without any change of size."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        path = folder / f"{index:02}.png"
        if path.exists():
            continue
        random = np.random.default_rng(index)
        colours = blobs(random, 224, 224, 2 + index % 7).astype(np.float32)
        noise = random.normal(0, 12, colours.shape)
        Image.fromarray((colours + noise).clip(0, 255).astype(np.uint8)).save(path)


def write_photos(folder, count):
    """JPEG files of 6000 x 4000 at quality 90, of about eight megabytes: a gradient, three sizes of detail and grain. Each is
    there twice, with a byte more behind the picture, so that filling and emptying a pipeline is a small part of the work."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        print(f"  photo {index + 1} of {count}", file=sys.stderr, flush=True)
        random = np.random.default_rng(1000 + index)
        photo = np.zeros((4000, 6000, 3), dtype=np.float32)
        for cells, share in ((3, 0.6), (40, 0.25), (900, 0.15)):
            photo += blobs(random, 6000, 4000, cells).astype(np.float32) * share
        grain = random.standard_normal((4000, 6000, 1), dtype=np.float32) * 5.5
        photo = (photo + grain).clip(0, 255).astype(np.uint8)
        path = folder / f"{index:02}.jpg"
        Image.fromarray(photo).save(path, quality=90)
        (folder / f"{index:02}-again.jpg").write_bytes(path.read_bytes() + b"\0")


def cropped(image, side=224):
    """As CLIP wants it: the shorter edge to `side`, then the middle."""
    image = image.convert("RGB")
    width, height = image.size
    short = min(width, height)
    size = (side * width // short, side * height // short)
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return image.crop((left, top, left + side, top + side))


def normalised(images):
    """From bytes `[count, side, side, 3]` to the numbers that CLIP's network reads."""
    values = np.asarray(images).transpose(0, 3, 1, 2).astype(np.float32) / 255
    mean, deviation = (np.array(numbers, dtype=np.float32).reshape(1, 3, 1, 1) for numbers in (MEAN, DEVIATION))
    return np.ascontiguousarray((values - mean) / deviation)
