"""safetensors files and run folders, read and written with numpy alone.

Kept apart from the Swift reader on purpose: the two share no line, so one can check the other.
Format: 8 bytes little-endian header length, a JSON header, the tensors' bytes one after another.
"""

import json
import struct
from pathlib import Path

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


def read_safetensors(path):
    """{name: (dtype name, array as stored)} in the header's order; BF16 comes as float32."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "BF16":
            bits = np.frombuffer(data[start:end], "<u2").astype("<u4") << 16
            array = bits.view("<f4")
        else:
            array = np.frombuffer(data[start:end], DTYPES[entry["dtype"]])
        tensors[name] = (entry["dtype"], array.reshape(entry["shape"]))
    return tensors


def write_safetensors(path, tensors):
    """Writes {name: (dtype name, array)} in the given order, header padded to 8 bytes by spaces."""
    header, offset, chunks = {"__metadata__": {"format": "pt"}}, 0, []
    for name, (dtype, array) in tensors.items():
        chunk = np.ascontiguousarray(array, DTYPES[dtype]).tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(chunk)],
        }
        offset += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read_checkpoint(folder):
    """(config, {name: float64 array}) of a stepN folder: one safetensors file or indexed shards."""
    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text())
    index = folder / "model.safetensors.index.json"
    if index.exists():
        files = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    else:
        files = ["model.safetensors"]
    weights = {}
    for file in files:
        for name, (_, array) in read_safetensors(folder / file).items():
            # transformers 5 calls the output embedding lm_head.
            weights["embed_out.weight" if name == "lm_head.weight" else name] = array.astype("f8")
    return config, weights


def steps_of(run):
    """Steps of a run folder that have safetensors weights, ascending."""
    folders = Path(run).glob("step*/")
    readable = (f for f in folders if any(f.glob("model*.safetensors")))
    return sorted(int(f.name.removeprefix("step")) for f in readable)
