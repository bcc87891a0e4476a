"""The layers, initial values, activations and regularizers that a network may be made of.

A config is only names and numbers to us: what is not in these tables is refused by name and never looked
up, so no config can reach a function, a file or a module.
"""

# Layers without weights of their own kind of state that act on one tensor and keep its shape.
SHAPE_KEEPING = {
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "BatchNormalizationV1",
    "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "GroupNormalization", "LayerNormalization",
    "LeakyReLU", "Normalization", "PReLU", "ReLU", "Rescaling", "Softmax", "SpatialDropout1D",
    "SpatialDropout2D", "UnitNormalization", "RandomFlip", "RandomRotation",
    "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness",
}  # fmt: skip

MERGING = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}

CONVOLUTIONS = {
    "Conv1D", "Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D",
}  # fmt: skip

POOLING = {
    "AveragePooling1D", "AveragePooling2D", "MaxPooling1D", "MaxPooling2D",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
}  # fmt: skip

RESHAPING = {
    "Cropping2D", "Flatten", "Permute", "RepeatVector", "Reshape", "Resizing", "UpSampling2D", "ZeroPadding2D",
}  # fmt: skip

# Known so that a text or sound network can be shown, and said to be no image classifier.
SEQUENCES = {"Embedding", "GRU", "LSTM", "SimpleRNN", "Bidirectional", "TimeDistributed"}

LAYERS = SHAPE_KEEPING | MERGING | CONVOLUTIONS | POOLING | RESHAPING | SEQUENCES | {"Dense", "InputLayer"}
NETWORKS = {"Sequential", "Functional", "Model"}

# Dropout and its kin act only while training: a frozen part below them gives the same numbers each epoch.
STOCHASTIC = {
    "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D",
    "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness",
}  # fmt: skip

ACTIVATIONS = {
    "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "leaky_relu", "linear",
    "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign",
    "swish", "tanh",
}  # fmt: skip

REGULARIZERS = {"L1", "L2", "L1L2"}
CONSTRAINTS = {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}

BATCH_NORMALIZATION = {"BatchNormalization", "BatchNormalizationV1"}
