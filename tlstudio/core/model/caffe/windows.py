"""What slides over an image: the many spellings of kernel, border and stride, and the sizes that come of them.

Source: Caffe's ``base_conv_layer``, ``conv_layer``, ``deconv_layer`` and ``pooling_layer``. Convolution rounds
down, pooling rounds up.
"""

from dataclasses import dataclass
from typing import Any

from tlstudio.core.model.caffe.builder import Builder, Sizes, Tensor, Unsupported

MAX_SIDE = 1 << 16  # pixels; no image that a network is shown has more
Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Heights and widths, in pixels. ``pad`` is added on both sides."""

    kernel: Pair
    stride: Pair
    pad: Pair
    dilation: Pair = (1, 1)

    @property
    def reach(self) -> Pair:
        """From the first to the last pixel that the window sees."""
        return (
            (self.kernel[0] - 1) * self.dilation[0] + 1,
            (self.kernel[1] - 1) * self.dilation[1] + 1,
        )


def window_of(net: Builder, path: str, param: Any, image: Pair) -> Window:
    """The window of a convolution or a pooling over images of that height and width.

    Raises ``unreadable_network`` where the settings make no sense, ``Unsupported`` where they are for other images.
    """
    if getattr(param, "global_pooling", False):
        return Window(image, (1, 1), (0, 0))
    kernel = _pair(param, "kernel_size", "kernel", 0)
    window = Window(
        kernel,
        _pair(param, "stride", "stride", 1),
        _pair(param, "pad", "pad", 0),
        _pair(param, "dilation", "", 1),
    )
    positive = (*window.kernel, *window.stride, *window.dilation)
    if any(not 1 <= size <= MAX_SIDE for size in positive) or any(not 0 <= size <= MAX_SIDE for size in window.pad):
        net.complain(
            f"layer “{path}” has the kernel {window.kernel}, the stride {window.stride}, the border {window.pad}"
        )
    return window


def _pair(param: Any, name: str, short: str, default: int) -> Pair:
    """One number for both sides, one each, or the names that end in ``_h`` and ``_w``."""
    fields = param.DESCRIPTOR.fields_by_name
    if short and f"{short}_h" in fields and (param.HasField(f"{short}_h") or param.HasField(f"{short}_w")):
        return int(getattr(param, f"{short}_h")), int(getattr(param, f"{short}_w"))
    values = list(getattr(param, name)) if name in fields else []
    if not values:
        return default, default
    if len(values) > 2:
        raise Unsupported(f"over {len(values)} axes")
    return int(values[0]), int(values[-1])


def sides(tensor: Tensor) -> Pair:
    """Height and width of a tensor of three axes. Raises ``Unsupported`` for others."""
    if len(tensor.sizes) != 3:
        raise Unsupported(f"on {len(tensor.sizes)} axes")
    return tensor.sizes[1], tensor.sizes[2]


def zero_border(net: Builder, path: str, tensor: Tensor, borders: tuple[Pair, Pair]) -> Tensor:
    """A border of zeros: (before, after) of the height and of the width."""
    if borders == ((0, 0), (0, 0)):
        return tensor
    (top, bottom), (left, right) = borders
    channels, height, width = tensor.sizes
    sizes: Sizes = (channels, height + top + bottom, width + left + right)
    config = {"padding": [[top, bottom], [left, right]], "data_format": "channels_last"}
    return net.add(path, "ZeroPadding2D", config, tensor, sizes)
