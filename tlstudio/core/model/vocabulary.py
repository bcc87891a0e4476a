"""The layers, initial values, activations and regularizers that a network may be made of.

A config is only names and numbers to us: what is not in these tables is never looked up, so no config can
reach a function, a file or a module.
"""

RANDOM = {
    "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomCrop",
    "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert",
    "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
    "RandomTranslation", "RandomWidth", "RandomZoom",
}  # fmt: skip
_DROPOUT = {
    "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D",
    "SpatialDropout3D",
}  # fmt: skip

# Layers that act on one tensor and keep its shape.
SHAPE_KEEPING = {
    "Activation", "ActivityRegularization", "BatchNormalization", "ELU", "GroupNormalization", "LayerNormalization",
    "LeakyReLU", "Masking", "Normalization", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax",
    "UnitNormalization",
} | _DROPOUT | (RANDOM - {"RandomCrop", "RandomHeight", "RandomWidth"})  # fmt: skip

MERGING = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}

CONVOLUTIONS = {
    "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D",
    "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
}  # fmt: skip

POOLING = {
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D",
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
}  # fmt: skip

RESHAPING = {
    "CenterCrop", "Cropping1D", "Cropping2D", "Cropping3D", "Flatten", "Permute", "RepeatVector", "Reshape",
    "Resizing", "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D",
    "ZeroPadding3D",
}  # fmt: skip

# Arithmetic that Keras 3 keeps as operations of a functional network, beside its layers: ``keras.ops``.
OPERATIONS = {
    "Absolute", "Divide", "Exp", "ExpandDims", "Log", "Max", "Mean", "Min", "Pad", "Pick", "Power", "Reciprocal", "Slice", "Sqrt",
    "Square", "Squeeze", "Stack", "Sum", "TanhGelu",
}  # fmt: skip

# Known so that a text or sound network can be shown, and said to be no image classifier.
SEQUENCES = {
    "Bidirectional", "ConvLSTM2D", "Embedding", "GRU", "LSTM", "SimpleRNN", "TimeDistributed",
}  # fmt: skip

LAYERS = (
    SHAPE_KEEPING | MERGING | CONVOLUTIONS | POOLING | RESHAPING | OPERATIONS | SEQUENCES
    | {"Dense", "InputLayer", "MultiHeadAttention", "RandomCrop"}
)  # fmt: skip
NETWORKS = {"Sequential", "Functional", "Model"}

_WEIGHTED = CONVOLUTIONS | SEQUENCES | {
    "BatchNormalization", "Dense", "GroupNormalization", "LayerNormalization", "MultiHeadAttention", "Normalization",
    "PReLU", "RMSNormalization",
}  # fmt: skip
# Layers that never have weights; random ones carry the state of their generator, which is no weight.
WEIGHTLESS = LAYERS - _WEIGHTED

# Dropout and its kin act only while training: a frozen part below them gives the same numbers each epoch.
STOCHASTIC = _DROPOUT | RANDOM
# Layers that do something else while training than in prediction.
ACT_IN_TRAINING = STOCHASTIC | {"BatchNormalization"}

ACTIVATIONS = {
    "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "leaky_relu", "linear",
    "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus",
    "softsign", "swish", "tanh",
}  # fmt: skip

REGULARIZERS = {"L1", "L2", "L1L2", "OrthogonalRegularizer"}
CONSTRAINTS = {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}

BATCH_NORMALIZATION = {"BatchNormalization"}
