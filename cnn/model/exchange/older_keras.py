"""Makes ``.keras`` files that older versions of Keras 3 open too.

Keras writes all settings of a layer into the description, also new ones that it does not use; a version that does not
know them refuses the file ("unexpected keyword argument 'input_axes'"). A setting that says nothing is left out here.

Source: ``get_config`` of Keras 3.10, 3.12 and 3.15, compared for each kind of layer that networks here may have.
"""

import io
import json
import zipfile
from typing import Any

_CONFIG = "config.json"
# New settings, with the value that leaves a layer as it was before there was such a setting.
_SILENT: dict[str, tuple[Any, ...]] = {
    "input_axes": (None,),
    "output_axes": (None,),
    "optional": (False,),
    "quantization_config": (None,),
    "renorm": (False,),
    "renorm_clipping": (None,),
}
# Of no effect without its setting.
_DEPENDENT = {"renorm_momentum": "renorm"}


def for_older_keras(data: bytes) -> bytes:
    """The same ``.keras`` file without settings that say nothing; weights and other members stay as they are.

    Args:
        data: a ``.keras`` file, as ``model.save`` writes it.

    Raises:
        KeyError, ValueError, zipfile.BadZipFile: it is not one.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == _CONFIG:
                content = json.dumps(_without_silent(json.loads(content))).encode()
            archive.writestr(entry, content)
    return target.getvalue()


def _without_silent(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_silent(part) for part in value]
    if not isinstance(value, dict):
        return value
    silent = {key for key, values in _SILENT.items() if key in value and value[key] in values}
    silent |= {key for key, setting in _DEPENDENT.items() if setting in silent}
    return {key: _without_silent(part) for key, part in value.items() if key not in silent}
