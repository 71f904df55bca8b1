"""Writes and reads the safetensors format: u64 little-endian header length, JSON header, the tensors' bytes."""

import json
import struct

import torch

DTYPE_NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def write(path, tensors, metadata=None):
    header = {} if metadata is None else {"__metadata__": metadata}
    data = bytearray()
    for name, tensor in tensors.items():
        raw = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        header[name] = {
            "dtype": DTYPE_NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw

    text = json.dumps(header, separators=(",", ":")).encode()
    # The format's own writer pads the header with spaces so that the data start at a multiple of eight.
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read(path):
    raw = bytearray(path.read_bytes())
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:start])
    dtypes = {name: dtype for dtype, name in DTYPE_NAMES.items()}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (start + offset for offset in entry["data_offsets"])
            tensors[name] = torch.frombuffer(raw[begin:end], dtype=dtypes[entry["dtype"]]).reshape(entry["shape"])
    return tensors
