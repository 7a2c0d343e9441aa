#!/usr/bin/env python3
"""Files that the real libraries write open in tend with identical bits.

    scripts/round-trip.py TEND safetensors|torch|capture

Each tensor's SHA-256, as `tend inspect --digests --json` gives it, is compared with that of the library's own bytes;
`capture` runs the example of the guide on a small model and measures what it wrote. Exit codes: 0 all equal; 1 a
difference; 77 the library is not installed.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
tend, what = os.path.abspath(sys.argv[1]), sys.argv[2]
failures = compared = 0


def inspect(path):
    result = subprocess.run([tend, "inspect", path, "--digests", "--json"], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{path}: {result.stderr.strip()}")
    return {tensor["name"]: tensor for tensor in json.loads(result.stdout)["tensors"]}


def check(path, expected):
    """expected: name -> (dtype as safetensors calls it, shape, bytes in row-major order)."""
    global failures, compared
    found = inspect(path)
    for name in sorted(set(found) | set(expected)):
        compared += 1
        own = found.get(name, {})
        dtype, shape, data = expected.get(name, (None, None, b""))
        if (own.get("dtype"), own.get("shape"), own.get("sha256")) != (dtype, list(shape or []), hashlib.sha256(data).hexdigest()):
            failures += 1
            print(f"{os.path.basename(path)}: {name}: expected {dtype} {shape}, found {own}")


def skip(reason):
    print(f"skipped: {reason}")
    raise SystemExit(77)


def safetensors(folder):
    try:
        import numpy
        from safetensors.numpy import save_file
    except ImportError as error:
        skip(f"no Python with safetensors and numpy ({error})")
    numbers = numpy.random.default_rng(0)
    names = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U64": "u8",
             "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "?"}
    arrays = {}
    for dtype, code in names.items():
        for shape in [(), (0, 3), (7,), (5, 3), (2, 3, 4)]:
            count = int(numpy.prod(shape))
            bits = numbers.bytes(count * numpy.dtype(code).itemsize)
            array = numpy.frombuffer(bits, code).reshape(shape)
            arrays[f"{dtype}.{shape}é\"\\"] = (numbers.random(shape) < 0.5) if dtype == "BOOL" else array
    path = f"{folder}/a.safetensors"
    save_file({k: numpy.ascontiguousarray(v).reshape(v.shape) for k, v in arrays.items()}, path, {"a": "é"})
    check(path, {k: (k.split(".")[0], v.shape, v.tobytes()) for k, v in arrays.items()})
    save_file({}, f"{folder}/empty.safetensors")
    check(f"{folder}/empty.safetensors", {})
    plain = {k: v for k, v in arrays.items() if "BOOL" not in k}
    numpy.savez(f"{folder}/a.npz", **{k.split("é")[0]: v for k, v in plain.items()})
    check(f"{folder}/a.npz", {k.split("é")[0]: (k.split(".")[0], v.shape, v.tobytes()) for k, v in plain.items()})
    numpy.savez(f"{folder}/fortran.npz", a=numpy.asfortranarray(numbers.random((4, 3))))
    stored = numpy.load(f"{folder}/fortran.npz")["a"]
    check(f"{folder}/fortran.npz", {"a": ("F64", (4, 3), stored.tobytes())})


def torch(folder):
    try:
        import torch
    except ImportError as error:
        skip(f"no Python with torch ({error})")
    torch.manual_seed(0)
    names = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
             torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
    for name in ("uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2"):
        if hasattr(torch, name):
            names[getattr(torch, name)] = {"float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}.get(name, "U" + name[4:])
    base = torch.randn(6, 4)
    tensors = {"transposed": base.t(), "sliced": base[1:4, ::2], "column": base[:, 1:2], "expanded": torch.ones(1, 4).expand(3, 4),
               "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "tied": base, "parameter": torch.nn.Parameter(base.clone()),
               "cube": torch.randn(2, 3, 4).permute(2, 0, 1)}
    for dtype, name in names.items():
        tensors[name] = (base * 8).to(dtype)

    def data(tensor):
        flat = tensor.detach().contiguous()
        return bytes(flat.view(torch.uint8).flatten().tolist()) if flat.dim() and flat.numel() else flat.numpy().tobytes()

    expected = {k: (names[v.dtype], tuple(v.shape), data(v)) for k, v in tensors.items()}
    for protocol in (2, 3, 4, 5):
        torch.save(tensors, f"{folder}/{protocol}.pt", pickle_protocol=protocol)
        check(f"{folder}/{protocol}.pt", expected)
    torch.save({"model": tensors, "args": {"lr": 0.1}}, f"{folder}/wrapped.bin")
    check(f"{folder}/wrapped.bin", expected)
    try:
        from safetensors.torch import save_file
    except ImportError:
        return
    plain = {k: v.detach().clone().contiguous() for k, v in tensors.items()}
    save_file(plain, f"{folder}/a.safetensors")
    check(f"{folder}/a.safetensors", expected)


def capture(folder):
    """The example of the guide, run as it stands there."""
    global compared
    try:
        import safetensors.torch  # noqa: F401
        import torch
    except ImportError as error:
        skip(f"no Python with torch and safetensors ({error})")
    with open(f"{root}/site/pages/captures.md") as page:
        example = re.search(r"```python\n(.*?)```", page.read(), re.S).group(1)
    space = {}
    exec(compile(example, "captures.md", "exec"), space)

    class Attention(torch.nn.Module):
        def __init__(self, d):
            super().__init__()
            self.value, self.out = torch.nn.Linear(d, d), torch.nn.Linear(d, d)

        def forward(self, x):
            mask = torch.ones(x.shape[1], x.shape[1]).tril()
            return self.out(mask / mask.sum(1, keepdim=True) @ self.value(x))

    class Layer(torch.nn.Module):
        def __init__(self, d):
            super().__init__()
            self.attention, self.mlp = Attention(d), torch.nn.Module()
            self.mlp.up, self.mlp.down = torch.nn.Linear(d, 4 * d), torch.nn.Linear(4 * d, d)

        def forward(self, x):
            x = x + self.attention(x)
            return x + self.mlp.down(torch.nn.functional.gelu(self.mlp.up(x)))

    class Model(torch.nn.Module):
        heads = 4

        def __init__(self, d=16, vocabulary=50):
            super().__init__()
            self.embed, self.unembed = torch.nn.Embedding(vocabulary, d), torch.nn.Linear(d, vocabulary)
            self.layers = torch.nn.ModuleList(Layer(d) for _ in range(2))

        def forward(self, tokens):
            x = self.embed(tokens)
            for layer in self.layers:
                x = layer(x)
            return self.unembed(x)

    torch.manual_seed(0)
    model, tokens = Model(), torch.randint(0, 50, (32, 8))
    optimiser = torch.optim.SGD(model.parameters(), 0.5)
    for step in (0, 10, 20):
        os.makedirs(f"{folder}/captures/step{step}")
        optimiser.zero_grad()
        space["capture"](model, tokens, f"{folder}/captures/step{step}")
        for _ in range(10):
            optimiser.zero_grad()
            logits = model(tokens)
            torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).backward()
            optimiser.step()
    with open(f"{folder}/study.yaml", "w") as study:
        study.write("name: captured\nruns:\n  - {name: mine, checkpoints: captures}\n")
    result = subprocess.run([tend, "run", f"{folder}/study.yaml"], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"tend run: {result.stderr}")
    # CKA of the MLP at step 0 against numpy's own.
    import csv
    from safetensors.torch import load_file
    rows = list(csv.DictReader(open(f"{folder}/results/measurements.csv")))
    x, y = (load_file(f"{folder}/captures/step{step}/activations.safetensors")["layers.1.mlp"].double() for step in (0, 20))
    x, y = x - x.mean(0), y - y.mean(0)
    wanted = ((y.T @ x).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())).item()
    found = [float(r["value"]) for r in rows if (r["step"], r["layer"], r["component"], r["metric"], r["head"]) == ("0", "1", "mlp", "cka", "")]
    compared += 1
    if len(found) != 1 or abs(found[0] - wanted) > 1e-6:
        raise SystemExit(f"CKA of the example: expected {wanted}, found {found}")
    for thing in [("ov", "activations", "cka"), ("ov", "weights", "per"), ("mlp", "gradients", "per"), ("model", "loss", "loss")]:
        compared += 1
        if not any((r["component"], r["object"], r["metric"]) == thing for r in rows):
            raise SystemExit(f"the example gave no row of {thing}")


with tempfile.TemporaryDirectory() as folder:
    {"safetensors": safetensors, "torch": torch, "capture": capture}[what](folder)
print(f"{compared} values compared, {failures} different")
raise SystemExit(1 if failures else 0)
