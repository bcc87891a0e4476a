"""Descriptions of published Caffe networks, written from their papers, and weights files full of holes for them."""

from math import prod
from pathlib import Path

from tests.caffe_files import layer, part, varint
from tlstudio.core.model.caffe.messages import V1_TYPES, message_class

Blobs = dict[str, list[tuple[int, ...]]]


class Net:
    """A description that grows: each method adds a layer and returns the name of what it gives."""

    def __init__(self, side: int) -> None:
        self.text = (
            f'name: "published" input: "data" input_dim: 10 input_dim: 3 input_dim: {side} input_dim: {side}\n'
        )
        self.blobs: Blobs = {}
        self.channels: dict[str, int] = {"data": 3}

    def conv(self, name: str, below: str, filters: int, kernel: int, relu: bool = True, **settings: int) -> str:
        numbers = " ".join(f"{key}: {value}" for key, value in settings.items())
        param = f"convolution_param {{ num_output: {filters} kernel_size: {kernel} {numbers} }}"
        self.text += layer(name, "Convolution", below, "", param)
        each = self.channels[below] // settings.get("group", 1)
        self.blobs[name] = [(filters, each, kernel, kernel), (filters,)]
        self.channels[name] = filters
        if relu:
            self.text += layer(f"relu_{name}", "ReLU", name, name)
        return name

    def pool(self, name: str, below: str, kernel: int, stride: int, pad: int = 0, kind: str = "MAX") -> str:
        param = f"pooling_param {{ pool: {kind} kernel_size: {kernel} stride: {stride} pad: {pad} }}"
        return self.other(name, "Pooling", below, param)

    def norm(self, name: str, below: str) -> str:
        return self.other(name, "LRN", below, "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }")

    def dense(self, name: str, below: str, inputs: int, units: int) -> str:
        self.text += layer(name, "InnerProduct", below, "", f"inner_product_param {{ num_output: {units} }}")
        self.blobs[name] = [(units, inputs), (units,)]
        self.channels[name] = units
        return name

    def concat(self, name: str, *below: str) -> str:
        self.text += layer(name, "Concat", " ".join(below))
        self.channels[name] = sum(self.channels[each] for each in below)
        return name

    def other(self, name: str, type_: str, below: str, param: str = "") -> str:
        self.text += layer(name, type_, below, "", param)
        self.channels[name] = self.channels[below.split()[0]]
        return name

    def write(self, folder: Path, name: str = "net") -> Path:
        """Both files; the weights are zeros that take no room on the disk. The place of the description."""
        description = folder / f"{name}.prototxt"
        description.write_text(self.text)
        write_holes(folder / f"{name}.caffemodel", self.blobs)
        return description


def write_holes(path: Path, blobs: Blobs, v1: bool = False) -> None:
    """A weights file whose values are holes in the file."""
    with path.open("wb") as file:
        file.write(part(1, b"published"))
        for name, shapes in blobs.items():
            if v1:
                type_ = V1_TYPES["CONVOLUTION" if len(shapes[0]) == 4 else "INNER_PRODUCT"]
                small = message_class("V1Layer")(name=name, type=type_).SerializeToString()
            else:
                small = message_class("Layer")(name=name).SerializeToString()
            heads = []
            for shape in shapes:
                sizes = part(7, part(1, b"".join(varint(size) for size in shape)))
                values = 4 * prod(shape)
                inner = sizes + varint(5 << 3 | 2) + varint(values)
                field = varint((6 if v1 else 7) << 3 | 2) + varint(len(inner) + values)
                heads.append((field + inner, values))
            length = len(small) + sum(len(head) + values for head, values in heads)
            file.write(varint((2 if v1 else 100) << 3 | 2) + varint(length) + small)
            for head, values in heads:
                file.write(head)
                file.seek(values, 1)
        file.truncate()


def alexnet() -> Net:
    """Krizhevsky et al. 2012, as the single network of Caffe's reference models."""
    net = Net(227)
    x = net.norm("norm1", net.conv("conv1", "data", 96, 11, stride=4))
    x = net.conv("conv2", net.pool("pool1", x, 3, 2), 256, 5, pad=2, group=2)
    x = net.pool("pool2", net.norm("norm2", x), 3, 2)
    x = net.conv("conv3", x, 384, 3, pad=1)
    x = net.conv("conv4", x, 384, 3, pad=1, group=2)
    x = net.conv("conv5", x, 256, 3, pad=1, group=2)
    x = net.dense("fc6", net.pool("pool5", x, 3, 2), 9216, 4096)
    x = net.other("drop6", "Dropout", net.other("relu6", "ReLU", x))
    x = net.dense("fc8", net.dense("fc7", x, 4096, 4096), 4096, 1000)
    net.other("prob", "Softmax", x)
    return net


def vgg16() -> Net:
    """Simonyan and Zisserman 2015, configuration D."""
    net, x = Net(224), "data"
    for block, (times, filters) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for number in range(1, times + 1):
            x = net.conv(f"conv{block}_{number}", x, filters, 3, pad=1)
        x = net.pool(f"pool{block}", x, 2, 2)
    x = net.dense("fc6", x, 25088, 4096)
    x = net.dense("fc8", net.dense("fc7", x, 4096, 4096), 4096, 1000)
    net.other("prob", "Softmax", x)
    return net


_INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip


def googlenet() -> Net:
    """Szegedy et al. 2015, table 1, without the auxiliary classifiers."""
    net = Net(224)
    x = net.pool("pool1/3x3_s2", net.conv("conv1/7x7_s2", "data", 64, 7, stride=2, pad=3), 3, 2)
    x = net.conv("conv2/3x3_reduce", net.norm("pool1/norm1", x), 64, 1)
    x = net.norm("conv2/norm2", net.conv("conv2/3x3", x, 192, 3, pad=1))
    x = net.pool("pool2/3x3_s2", x, 3, 2)
    for name, (one, before_three, three, before_five, five, pooled) in _INCEPTIONS.items():
        own = f"inception_{name}/"
        parts = (
            net.conv(f"{own}1x1", x, one, 1),
            net.conv(f"{own}3x3", net.conv(f"{own}3x3_reduce", x, before_three, 1), three, 3, pad=1),
            net.conv(f"{own}5x5", net.conv(f"{own}5x5_reduce", x, before_five, 1), five, 5, pad=2),
            net.conv(f"{own}pool_proj", net.pool(f"{own}pool", x, 3, 1, 1), pooled, 1),
        )
        x = net.concat(f"{own}output", *parts)
        if name in {"3b", "4e"}:
            x = net.pool(f"pool{name[0]}/3x3_s2", x, 3, 2)
    x = net.other("pool5/drop", "Dropout", net.pool("pool5/7x7_s1", x, 7, 1, kind="AVE"))
    net.other("prob", "Softmax", net.dense("loss3/classifier", x, 1024, 1000))
    return net


def resnet(stages: tuple[int, ...] = (3, 4, 6, 3)) -> Net:
    """He et al. 2016 with bottlenecks, BatchNorm and Scale as in their own release."""
    net = Net(224)

    def normed(name: str, below: str, filters: int, kernel: int, relu: bool, **settings: int) -> str:
        net.conv(name, below, filters, kernel, relu=False, bias_term=0, **settings)
        net.blobs[name] = net.blobs[name][:1]
        net.text += layer(f"bn{name}", "BatchNorm", name, name)
        net.text += layer(f"scale{name}", "Scale", name, name, "scale_param { bias_term: true }")
        net.blobs[f"bn{name}"] = [(filters,), (filters,), (1,)]
        net.blobs[f"scale{name}"] = [(filters,), (filters,)]
        if relu:
            net.text += layer(f"{name}_relu", "ReLU", name, name)
        return name

    x = net.pool("pool1", normed("conv1", "data", 64, 7, True, stride=2, pad=3), 3, 2)
    for stage, times in enumerate(stages):
        for block in range(times):
            name, width, stride = f"res{stage + 2}{'abcdef'[block]}", 64 << stage, 2 if stage and not block else 1
            by = x if block else normed(f"{name}_branch1", x, 4 * width, 1, False, stride=stride)
            y = normed(f"{name}_branch2a", x, width, 1, True, stride=stride)
            y = normed(f"{name}_branch2b", y, width, 3, True, pad=1)
            y = normed(f"{name}_branch2c", y, 4 * width, 1, False)
            x = net.other(name, "Eltwise", f"{by} {y}")
            net.text += layer(f"{name}_relu", "ReLU", x, x)
    x = net.dense("fc1000", net.pool("pool5", x, 7, 1, kind="AVE"), 2048, 1000)
    net.other("prob", "Softmax", x)
    return net


def mobilenet() -> Net:
    """Howard et al. 2017, with a group for each channel where its paper has depthwise convolutions."""
    net = Net(224)

    def normed(name: str, below: str, filters: int, kernel: int, **settings: int) -> str:
        net.conv(name, below, filters, kernel, relu=False, bias_term=0, **settings)
        net.blobs[name] = net.blobs[name][:1]
        for suffix, type_, param in (("bn", "BatchNorm", ""), ("scale", "Scale", "scale_param { bias_term: true }")):
            net.text += layer(f"{name}/{suffix}", type_, name, name, param)
        net.blobs[f"{name}/bn"] = [(filters,), (filters,), (1,)]
        net.blobs[f"{name}/scale"] = [(filters,), (filters,)]
        net.text += layer(f"relu_{name}", "ReLU", name, name)
        return name

    x, channels = normed("conv1", "data", 32, 3, pad=1, stride=2), 32
    widths = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for number, (filters, stride) in enumerate(widths, 2):
        x = normed(f"conv{number}_dw", x, channels, 3, pad=1, stride=stride, group=channels)
        x, channels = normed(f"conv{number}_sep", x, filters, 1), filters
    net.text += layer("pool6", "Pooling", x, "", "pooling_param { pool: AVE global_pooling: true }")
    net.channels["pool6"] = channels
    net.other("prob", "Softmax", net.conv("fc7", "pool6", 1000, 1, relu=False))
    return net
