"""What a network was trained to see: from 8-bit pixels to the numbers it takes."""

from typing import Literal, get_args

import numpy as np

Mode = Literal["raw", "unit", "symmetric", "imagenet", "caffe", "bgr"]
MODES: tuple[str, ...] = get_args(Mode)

# Mean and deviation of ImageNet's training images in RGB 0..1, as torchvision's models take them.
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)
# Mean of ImageNet in BGR 0..255, rounded as in Caffe's reference models.
CAFFE_MEAN = np.array([104.0, 117.0, 123.0], np.float32)


def preprocess(pixels: np.ndarray, mode: Mode) -> np.ndarray:
    """Scale 8-bit pixels (…, height, width, channels) to float32 of the same shape.

    Modes: ``raw`` 0..255; ``unit`` 0..1; ``symmetric`` -1..1; ``imagenet`` 0..1 minus mean over deviation;
    ``caffe`` BGR 0..255 minus (104, 117, 123); ``bgr`` BGR 0..255, for networks that subtract a mean of their own.
    For grey images ``imagenet`` and ``caffe`` use the mean over the channels.
    """
    values = pixels.astype(np.float32)
    if mode == "raw":
        return values
    if mode == "bgr":
        return values[..., ::-1] if pixels.shape[-1] == 3 else values
    if mode == "unit":
        return values / np.float32(255)
    if mode == "symmetric":
        return values / np.float32(127.5) - np.float32(1)
    is_colour = pixels.shape[-1] == 3
    if mode == "imagenet":
        mean, std = (IMAGENET_MEAN, IMAGENET_STD) if is_colour else (IMAGENET_MEAN.mean(), IMAGENET_STD.mean())
        return (values / np.float32(255) - mean) / std
    if mode == "caffe":
        return values[..., ::-1] - CAFFE_MEAN if is_colour else values - CAFFE_MEAN.mean()
    raise ValueError(f"Expected one of {', '.join(MODES)}. Received: {mode}")
