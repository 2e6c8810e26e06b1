"""What training does with the GPU of a worker, if it has one.

TensorFlow places operations on it by itself; ``TF_FORCE_GPU_ALLOW_GROWTH`` among ``cnn.jobs.cluster.DASK_SETTINGS``
keeps each process from taking all of its memory.
"""

import tensorflow as tf

# From this compute capability on (Ampere, 2020) GPUs multiply bfloat16 in their tensor cores, and it has the range of
# float32, so that losses need no scaling as with float16.
BFLOAT16_CAPABILITY = (8, 0)


def training_dtype(*, mixed_precision: bool) -> str:
    """The Keras dtype policy of a run, "float32" or "mixed_bfloat16": as its settings say, and mixed on a GPU for it.

    Source: TensorFlow guide, "Mixed precision"; NVIDIA, "CUDA C++ Programming Guide", compute capabilities.
    """
    return "mixed_bfloat16" if mixed_precision or _has_gpu_for_bfloat16() else "float32"


def _has_gpu_for_bfloat16() -> bool:
    gpus = tf.config.list_physical_devices("GPU")
    capabilities = [tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0)) for gpu in gpus]
    return bool(capabilities) and min(capabilities) >= BFLOAT16_CAPABILITY
