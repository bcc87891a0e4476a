"""The messages of Caffe's files, described here with the fields that a network's description is made of.

Names and numbers of fields are facts of Caffe's file format (BVLC Caffe's ``NetParameter``, its V1 and V0 layers,
and the fields of widespread forks). A blob is not described: its values never go through protobuf, see
``core.model.caffe.caffemodel``.
"""

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "caffe"
_ENUMS: dict[str, str] = {
    "Phase": "TRAIN=0 TEST=1",
    "Pool": "MAX=0 AVE=1 STOCHASTIC=2",
    "Round": "CEIL=0 FLOOR=1",
    "Operation": "PROD=0 SUM=1 MAX=2",
    "Region": "ACROSS_CHANNELS=0 WITHIN_CHANNEL=1",
    "Reduce": "SUM=1 ASUM=2 SUMSQ=3 MEAN=4",
    "Engine": "DEFAULT=0 CAFFE=1 CUDNN=2",
    "Check": "STRICT=0 PERMISSIVE=1",
    "Database": "LEVELDB=0 LMDB=1",
    "Norm": "FULL=0 VALID=1 BATCH_SIZE=2 NONE=3",
    "Variance": "FAN_IN=0 FAN_OUT=1 AVERAGE=2",
    "Hinge": "L1=1 L2=2",
}
V1_TYPES: dict[str, int] = {
    "NONE": 0, "ABSVAL": 35, "ACCURACY": 1, "ARGMAX": 30, "BNLL": 2, "CONCAT": 3, "CONTRASTIVE_LOSS": 37,
    "CONVOLUTION": 4, "DATA": 5, "DECONVOLUTION": 39, "DROPOUT": 6, "DUMMY_DATA": 32, "EUCLIDEAN_LOSS": 7,
    "ELTWISE": 25, "EXP": 38, "FLATTEN": 8, "HDF5_DATA": 9, "HDF5_OUTPUT": 10, "HINGE_LOSS": 28, "IM2COL": 11,
    "IMAGE_DATA": 12, "INFOGAIN_LOSS": 13, "INNER_PRODUCT": 14, "LRN": 15, "MEMORY_DATA": 29,
    "MULTINOMIAL_LOGISTIC_LOSS": 16, "MVN": 34, "POOLING": 17, "POWER": 26, "RELU": 18, "SIGMOID": 19,
    "SIGMOID_CROSS_ENTROPY_LOSS": 27, "SILENCE": 36, "SOFTMAX": 20, "SOFTMAX_LOSS": 21, "SPLIT": 22, "SLICE": 33,
    "TANH": 23, "WINDOW_DATA": 24, "THRESHOLD": 31,
}  # fmt: skip

_FORKS = 2000  # above it, and from 1000 on in settings: numbers of our own for what stands in text only
# What a layer's own settings are called: name, message, number in a layer, number in a V1 layer.
_PARAMS: tuple[tuple[str, str, int, int], ...] = (
    ("transform_param", "Transform", 100, 36),
    ("loss_param", "Loss", 101, 42),
    ("accuracy_param", "Accuracy", 102, 27),
    ("argmax_param", "ArgMax", 103, 23),
    ("concat_param", "Concat", 104, 9),
    ("convolution_param", "Convolution", 106, 10),
    ("data_param", "Data", 107, 11),
    ("dropout_param", "Dropout", 108, 12),
    ("dummy_data_param", "DummyData", 109, 26),
    ("eltwise_param", "Eltwise", 110, 24),
    ("exp_param", "Exp", 111, 41),
    ("hdf5_data_param", "Data", 112, 13),
    ("hdf5_output_param", "Output", 113, 14),
    ("hinge_loss_param", "HingeLoss", 114, 29),
    ("image_data_param", "ImageData", 115, 15),
    ("infogain_loss_param", "Output", 116, 16),
    ("inner_product_param", "InnerProduct", 117, 17),
    ("lrn_param", "LRN", 118, 18),
    ("memory_data_param", "MemoryData", 119, 22),
    ("mvn_param", "MVN", 120, 34),
    ("pooling_param", "Pooling", 121, 19),
    ("power_param", "Power", 122, 21),
    ("relu_param", "ReLU", 123, 30),
    ("sigmoid_param", "Engined", 124, 38),
    ("softmax_param", "Softmax", 125, 39),
    ("slice_param", "Slice", 126, 31),
    ("tanh_param", "Engined", 127, 37),
    ("threshold_param", "Threshold", 128, 25),
    ("window_data_param", "ImageData", 129, 20),
    ("python_param", "Python", 130, 0),
    ("prelu_param", "PReLU", 131, 0),
    ("reshape_param", "Reshape", 133, 0),
    ("log_param", "Exp", 134, 0),
    ("flatten_param", "Flatten", 135, 0),
    ("reduction_param", "Reduction", 136, 0),
    ("batch_norm_param", "BatchNorm", 139, 0),
    ("elu_param", "ELU", 140, 0),
    ("bias_param", "Bias", 141, 0),
    ("scale_param", "Scale", 142, 0),
    ("input_param", "Input", 143, 0),
    ("crop_param", "Crop", 144, 0),
    ("swish_param", "Swish", 147, 0),
    ("clip_param", "Clip", 148, 0),
    ("permute_param", "Permute", 202, 0),  # SSD's fork and its many descendants
    ("shuffle_channel_param", "ShuffleChannel", 164, 0),  # the forks that ShuffleNet is run with
)

_SLIDING = (
    "pad:{pad}:int64* kernel_size:{kernel}:int64* stride:{stride}:int64* pad_h:9:int64 pad_w:10:int64 "
    "kernel_h:{kernel_h}:int64 kernel_w:{kernel_w}:int64 stride_h:{stride_h}:int64 stride_w:{stride_w}:int64 "
)
# A field is ``name:number:type``, with a star where it may be repeated.
_MESSAGES: dict[str, str] = {
    "Net": "name:1:string input:3:string* input_shape:8:Shape* input_dim:4:int64* force_backward:5:bool "
    "state:6:State debug_info:7:bool layer:100:Layer* layers:2:V1Layer*",
    "Shape": "dim:1:int64*",
    "State": "phase:1:Phase level:2:int64 stage:3:string*",
    "Rule": "phase:1:Phase min_level:2:int64 max_level:3:int64 stage:4:string* not_stage:5:string*",
    "Shared": "name:1:string share_mode:2:Check lr_mult:3:float decay_mult:4:float",
    "Filler": "type:1:string value:2:float min:3:float max:4:float mean:5:float std:6:float sparse:7:int64 "
    "variance_norm:8:Variance",
    "Layer": "name:1:string type:2:string bottom:3:string* top:4:string* phase:10:Phase loss_weight:5:float* "
    "param:6:Shared* include:8:Rule* exclude:9:Rule* propagate_down:11:bool* "
    + " ".join(f"{name}:{number}:{message}" for name, message, number, _v1 in _PARAMS),
    "V1Layer": "bottom:2:string* top:3:string* name:4:string type:5:V1Type blobs_lr:7:float* weight_decay:8:float* "
    "include:32:Rule* exclude:33:Rule* loss_weight:35:float* param:1001:string* blob_share_mode:1002:Check* "
    "layer:1:V0Layer " + " ".join(f"{name}:{v1 or _FORKS + v2}:{message}" for name, message, v2, v1 in _PARAMS),
    "V0Layer": "name:1:string type:2:string num_output:3:int64 biasterm:4:bool weight_filler:5:Filler "
    "bias_filler:6:Filler pad:7:int64 kernelsize:8:int64 group:9:int64 stride:10:int64 pool:11:Pool "
    "dropout_ratio:12:float local_size:13:int64 alpha:14:float beta:15:float k:22:float source:16:string "
    "scale:17:float meanfile:18:string batchsize:19:int64 cropsize:20:int64 mirror:21:bool blobs_lr:51:float* "
    "weight_decay:52:float* rand_skip:53:int64 new_height:62:int64 new_width:63:int64 concat_dim:65:int64",
    "Transform": "scale:1:float mirror:2:bool crop_size:3:int64 crop_h:11:int64 crop_w:12:int64 mean_file:4:string "
    "mean_value:5:float* force_color:6:bool force_gray:7:bool",
    "Loss": "ignore_label:1:int64 normalization:3:Norm normalize:2:bool",
    "Accuracy": "top_k:1:int64 axis:2:int64 ignore_label:3:int64",
    "ArgMax": "out_max_val:1:bool top_k:2:int64 axis:3:int64",
    "Concat": "axis:2:int64 concat_dim:1:int64",
    "Convolution": "num_output:1:int64 bias_term:2:bool "
    + _SLIDING.format(pad=3, kernel=4, stride=6, kernel_h=11, kernel_w=12, stride_h=13, stride_w=14)
    + "dilation:18:int64* group:5:int64 weight_filler:7:Filler bias_filler:8:Filler engine:15:Engine axis:16:int64 "
    "force_nd_im2col:17:bool",
    "Pooling": "pool:1:Pool "
    + _SLIDING.format(pad=4, kernel=2, stride=3, kernel_h=5, kernel_w=6, stride_h=7, stride_w=8)
    + "engine:11:Engine global_pooling:12:bool round_mode:13:Round ceil_mode:1013:bool",
    "Data": "source:1:string batch_size:4:int64 rand_skip:7:int64 backend:8:Database scale:2:float mean_file:3:string "
    "crop_size:5:int64 mirror:6:bool prefetch:10:int64 force_encoded_color:9:bool shuffle:1003:bool",
    "ImageData": "source:1:string batch_size:4:int64 rand_skip:7:int64 shuffle:8:bool new_height:9:int64 "
    "new_width:10:int64 is_color:11:bool scale:2:float mean_file:3:string crop_size:5:int64 mirror:6:bool "
    "root_folder:12:string",
    "MemoryData": "batch_size:1:int64 channels:2:int64 height:3:int64 width:4:int64",
    "DummyData": "data_filler:1:Filler* shape:6:Shape* num:2:int64* channels:3:int64* height:4:int64* width:5:int64*",
    "Input": "shape:1:Shape*",
    "Output": "source:1:string file_name:1001:string",
    "HingeLoss": "norm:1:Hinge",
    "Dropout": "dropout_ratio:1:float scale_train:2:bool",
    "Eltwise": "operation:1:Operation coeff:2:float* stable_prod_grad:3:bool",
    "Exp": "base:1:float scale:2:float shift:3:float",
    "InnerProduct": "num_output:1:int64 bias_term:2:bool weight_filler:3:Filler bias_filler:4:Filler axis:5:int64 "
    "transpose:6:bool",
    "LRN": "local_size:1:int64 alpha:2:float beta:3:float norm_region:4:Region k:5:float engine:6:Engine",
    "MVN": "normalize_variance:1:bool across_channels:2:bool eps:3:float",
    "Power": "power:1:float scale:2:float shift:3:float",
    "ReLU": "negative_slope:1:float engine:2:Engine",
    "Engined": "engine:1:Engine",
    "Softmax": "engine:1:Engine axis:2:int64",
    "Slice": "axis:3:int64 slice_point:2:int64* slice_dim:1:int64",
    "Threshold": "threshold:1:float",
    "Python": "module:1:string layer:2:string param_str:3:string share_in_parallel:4:bool",
    "PReLU": "filler:1:Filler channel_shared:2:bool",
    "Reshape": "shape:1:Shape axis:2:int64 num_axes:3:int64",
    "Flatten": "axis:1:int64 end_axis:2:int64",
    "Reduction": "operation:1:Reduce axis:2:int64 coeff:3:float",
    "BatchNorm": "use_global_stats:1:bool moving_average_fraction:2:float eps:3:float scale_filler:5:Filler "
    "bias_filler:6:Filler scale_bias:7:bool",
    "ELU": "alpha:1:float",
    "Bias": "axis:1:int64 num_axes:2:int64 filler:3:Filler",
    "Scale": "axis:1:int64 num_axes:2:int64 filler:3:Filler bias_term:4:bool bias_filler:5:Filler",
    "Swish": "beta:1:float",
    "Clip": "min:1:float max:2:float",
    "Crop": "axis:1:int64 offset:2:int64*",
    "Permute": "order:1:int64*",
    "ShuffleChannel": "group:1:int64",
}


def message_class(name: str, more_types: tuple[str, ...] = ()) -> Any:
    """The class of a message. ``more_types``: names that stand for types of V1 layers in some fork of Caffe."""
    return message_factory.GetMessageClass(_pool(more_types).FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@cache
def _pool(more_types: tuple[str, ...]) -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="caffe_networks", package=_PACKAGE, syntax="proto2")
    for enum, values in _ENUMS.items():
        pairs = (value.split("=") for value in values.split())
        _add_enum(file, enum, {value: int(number) for value, number in pairs})
    strangers = {value: 10_000 + place for place, value in enumerate(more_types)}
    _add_enum(file, "V1Type", {**V1_TYPES, **strangers})
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for field in fields.split():
            _add_field(described, *field.split(":"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _add_enum(file: Any, name: str, values: dict[str, int]) -> None:
    """In a message of its own: names of an enum's values belong to what is around it and may occur but once there."""
    holder = file.message_type.add(name=f"In{name}")
    enum = holder.enum_type.add(name=name)
    for value, number in values.items():
        enum.value.add(name=value, number=number)


def _add_field(message: Any, name: str, number: str, type_: str) -> None:
    field = message.field.add(name=name, number=int(number))
    scalar = type_.rstrip("*")
    field.label = field.LABEL_REPEATED if type_.endswith("*") else field.LABEL_OPTIONAL
    if scalar in {"int64", "float", "bool", "string"}:
        field.type = getattr(field, f"TYPE_{scalar.upper()}")
    elif scalar in _MESSAGES:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{_PACKAGE}.{scalar}"
    else:
        field.type, field.type_name = field.TYPE_ENUM, f".{_PACKAGE}.In{scalar}.{scalar}"
