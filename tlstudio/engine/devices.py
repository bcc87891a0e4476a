"""Graphics processors, and the strategies that share an update among several of them or among machines."""

import json
import os
import re
from typing import Any

from tlstudio.core.errors import TLStudioError
from tlstudio.engine.runtime import tf


def gpus() -> list[dict[str, Any]]:
    """Those that TensorFlow sees: ``name`` as the maker calls it, ``device`` as TensorFlow does, ``capability``."""
    found = []
    for device in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(device)
        capability = ".".join(map(str, details.get("compute_capability", ())))
        found.append(
            {"name": details.get("device_name", ""), "device": device.name, "kind": "GPU", "capability": capability}
        )
    return found


def devices() -> list[dict[str, Any]]:
    """All that TensorFlow computes on: graphics processors first, then the processor."""
    others = [
        {"name": device.name, "device": device.name, "kind": device.device_type, "capability": ""}
        for device in tf.config.list_physical_devices()
        if device.device_type != "GPU"
    ]
    return gpus() + others


def let_memory_grow() -> None:
    """Have GPU memory taken as it is needed instead of all at once, so that other programs keep theirs.

    Works only before TensorFlow's first computation; later, what was set stays.
    """
    for device in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(device, True)
        except RuntimeError:  # TensorFlow has begun already
            return


def gains_from_half_precision() -> bool:
    """Whether all GPUs, and there is one, compute with bfloat16: compute capability 8.0 and later (NVIDIA's Ampere,
    2020). Older ones have float16 only, whose range is too small for gradients without scaling of the loss."""
    capabilities = [re.match(r"\d+", gpu["capability"]) for gpu in gpus()]
    return bool(capabilities) and all(found is not None and int(found[0]) >= 8 for found in capabilities)


def machines() -> int:
    """How many machines ``TF_CONFIG`` names to train together; 1 without it. Raises ``option_invalid``."""
    cluster, _task = _cluster()
    return max(sum(len(addresses) for addresses in cluster.values()), 1)


def is_chief() -> bool:
    """Whether this process is the one of them that writes the run: the chief, or worker 0 where none is named."""
    cluster, task = _cluster()
    if machines() == 1:
        return True
    kind, index = task.get("type", "worker"), int(task.get("index", 0))
    return kind == "chief" or ("chief" not in cluster and kind == "worker" and index == 0)


def make_strategy() -> Any | None:
    """TensorFlow's own strategy for what there is, or None for one device.

    ``MultiWorkerMirroredStrategy`` under ``TF_CONFIG``, which must be made before TensorFlow's first computation and
    waits for all of the machines; ``MirroredStrategy`` where there are several GPUs. A process can have one only.

    Raises ``option_invalid`` for a ``TF_CONFIG`` that names no cluster.
    """
    if machines() > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.MirroredStrategy() if len(tf.config.list_physical_devices("GPU")) > 1 else None


def _cluster() -> tuple[dict[str, list[str]], dict[str, Any]]:
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip():
        return {}, {}
    try:
        found = json.loads(text)
        cluster = {str(kind): list(addresses) for kind, addresses in found.get("cluster", {}).items()}
        return cluster, dict(found.get("task", {}))
    except (ValueError, TypeError, AttributeError) as error:
        expected = "it is a JSON object with “cluster” and “task”, as TensorFlow's guide to distributed training says"
        raise TLStudioError("option_invalid", option="TF_CONFIG", value=text[:80], expected=expected) from error
