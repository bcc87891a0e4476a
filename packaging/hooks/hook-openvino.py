"""What PyInstaller takes of OpenVINO: its Python interface, the CPU plugin, the readers of TensorFlow and ONNX.

OpenVINO looks for plugins and readers in the folder of its main library, so that library must be found at its own
place and not through the link that PyInstaller would lay at the top of the bundle.
"""

from pathlib import Path

from PyInstaller.utils.hooks import collect_submodules, copy_metadata, get_package_paths

UNUSED_MODULES = ("openvino.tools", "openvino.torch", "openvino.frontend.pytorch", "openvino.frontend.jax",
                  "openvino.frontend.paddle", "openvino.frontend.onnx")  # fmt: skip
# Of openvino/libs: other devices than the CPU, readers of other formats, the interface for C.
UNUSED_LIBRARIES = (
    "auto_batch_plugin", "auto_plugin", "hetero_plugin", "intel_gpu_plugin", "intel_npu_plugin", "openvino_c",
    "gguf_frontend", "ir_frontend", "jax_frontend", "paddle_frontend", "pytorch_frontend",
    "tensorflow_lite_frontend", "tbbmalloc_proxy",
)  # fmt: skip

hiddenimports = collect_submodules("openvino", filter=lambda name: not name.startswith(UNUSED_MODULES))
excludedimports = ["openvino.tools", "openvino.torch", "openvino_telemetry"]
datas = copy_metadata("openvino")
binaries = [
    (str(library), "openvino/libs")
    for library in sorted(Path(get_package_paths("openvino")[1], "libs").iterdir())
    if (".so" in library.name or library.suffix in {".dll", ".dylib"})
    and not any(unused in library.name for unused in UNUSED_LIBRARIES)
]
bindepend_symlink_suppression = ["**/libopenvino*", "**/libtbb*", "**/libhwloc*"]
