"""Strided 1×1 convolutions on few channels, computed so that oneDNN does not write past its memory.

The gradient of such a layer's kernel is computed wrongly by the oneDNN that TensorFlow 2.21 holds, or ends the
process (uxlfoundation/oneDNN, issue 6035): with fewer input channels than a block, 16 under AVX-512 and 8 under AVX2,
it writes past the copy in which it gathers every second pixel. Seen here as a segmentation fault within a few updates
of small networks like Xception, whose shortcuts are 1×1 convolutions of stride 2 on 8 channels; stock Keras dies of
it, too. To take every second pixel first and then convolve with stride 1 is the same sum.
"""

import functools
from typing import Any

from tlstudio.engine.runtime import keras

BLOCK = 16  # channels; from here on oneDNN's own way is right
_CONVOLUTIONS = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def keep_in_bounds(layer: Any) -> None:
    """Have a strided 1×1 convolution take its pixels first; any other layer stays as it is.

    What the layer says of itself, and so the file that it is saved to, does not change.
    """
    if type(layer) not in _CONVOLUTIONS or layer.data_format != "channels_last" or layer.groups != 1:
        return
    if all(size == 1 for size in layer.kernel_size) and any(stride > 1 for stride in layer.strides):
        layer.convolution_op = functools.partial(_taken_first, layer)


def _taken_first(layer: Any, inputs: Any, kernel: Any) -> Any:
    if inputs.shape[-1] >= BLOCK:
        return type(layer).convolution_op(layer, inputs, kernel)
    places = (slice(None), *(slice(None, None, stride) for stride in layer.strides), slice(None))
    return keras.ops.conv(inputs[places], kernel, strides=1, padding="valid", data_format="channels_last")
