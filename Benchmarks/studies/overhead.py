"""Times of `tend run` and `tend check` where there is nothing left to compute.

  overhead.py TEND [--small] [--only deep|wide]

Writes random GPT-NeoX models of 16 dimensions, which cost next to nothing to measure and have as many
layers, checkpoints and artifacts as a real study. Needs the standard library alone.
"""
import json, os, pathlib, random, struct, subprocess, sys, tempfile, time

WIDTH, INNER, HEADS, VOCABULARY = 16, 32, 2, 32


def config(layers):
    return json.dumps({
        "architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_act": "gelu",
        "hidden_size": WIDTH, "intermediate_size": INNER, "num_attention_heads": HEADS,
        "num_hidden_layers": layers, "vocab_size": VOCABULARY, "max_position_embeddings": 32,
        "rotary_pct": 0.25, "rotary_emb_base": 10000, "layer_norm_eps": 1e-5,
        "use_parallel_residual": True, "tie_word_embeddings": False})


def shapes(layers):
    yield "embed_out.weight", [VOCABULARY, WIDTH]
    yield "gpt_neox.embed_in.weight", [VOCABULARY, WIDTH]
    yield "gpt_neox.final_layer_norm.bias", [WIDTH]
    yield "gpt_neox.final_layer_norm.weight", [WIDTH]
    for layer in range(layers):
        base = f"gpt_neox.layers.{layer}."
        for name, shape in [
            ("attention.dense.bias", [WIDTH]), ("attention.dense.weight", [WIDTH, WIDTH]),
            ("attention.query_key_value.bias", [3 * WIDTH]),
            ("attention.query_key_value.weight", [3 * WIDTH, WIDTH]),
            ("input_layernorm.bias", [WIDTH]), ("input_layernorm.weight", [WIDTH]),
            ("mlp.dense_4h_to_h.bias", [WIDTH]), ("mlp.dense_4h_to_h.weight", [WIDTH, INNER]),
            ("mlp.dense_h_to_4h.bias", [INNER]), ("mlp.dense_h_to_4h.weight", [INNER, WIDTH]),
            ("post_attention_layernorm.bias", [WIDTH]),
            ("post_attention_layernorm.weight", [WIDTH])]:
            yield base + name, shape


def write_checkpoint(folder, layers, generator):
    folder.mkdir(parents=True)
    header, offset = {}, 0
    for name, shape in shapes(layers):
        count = 2
        for size in shape:
            count *= size
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    # bfloat16 between 2^-3 and 2^-1, either sign.
    low = generator.randbytes(offset // 2)
    high = generator.randbytes(offset // 2)
    data = bytearray(offset)
    data[0::2] = low
    data[1::2] = bytes(0x3E | (byte & 0x80) for byte in high)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    (folder / "config.json").write_text(config(layers))


def write_probe(path, generator, sequences=8, length=4):
    header = "{'descr': '<i4', 'fortran_order': False, 'shape': (%d, %d), }" % (sequences, length)
    header += " " * (117 - len(header)) + "\n"
    tokens = [generator.randrange(VOCABULARY) for _ in range(sequences * length)]
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                     + struct.pack(f"<{len(tokens)}i", *tokens))


def write_study(folder, runs, steps, layers, measure):
    generator = random.Random(1)
    folder.mkdir()
    write_probe(folder / "probe.npy", generator)
    lines = ["name: overhead", "runs:"]
    for run in range(runs):
        lines.append(f"  - {{name: run{run}, checkpoints: run{run}}}")
        for step in range(steps):
            write_checkpoint(folder / f"run{run}" / f"step{step * 100}", layers, generator)
    lines += ["probes: [{name: p, tokens: probe.npy}]", f"measure: {measure}"]
    (folder / "study.yaml").write_text("\n".join(lines) + "\n")
    return folder / "study.yaml"


def timed(*command):
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    return time.monotonic() - begun, done


def events(done):
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


def deep(tend, base, small, tell):
    """A run of 10 × 27 checkpoints of 24 layers: the scheduler's share, then with everything done."""
    runs, steps = (2, 4) if small else (10, 27)
    study = write_study(
        base / "deep", runs, steps, 24,
        "{heads: false, variants: [], components: [mlp, ov]}")
    whole, done = timed(tend, "run", str(study), "--progress", "json")
    records = events(done)
    measured = ["audit", "weight_spectra", "capture", "gradients", "cka"]
    stages = sum(r["seconds"] for r in records
                 if r["event"] == "stage_finished" and r["stage"] in measured)
    units = sum(r["seconds"] for r in records if r["event"] == "unit_finished")
    count = sum(r["event"] == "unit_finished" for r in records)
    print(f"{runs} runs of {steps} checkpoints of 24 layers: {whole:.1f} s for the first run, "
          f"{count} pieces of work of {units / max(1, count) * 1000:.1f} ms", flush=True)
    tell("the scheduler's share of the measuring", 100 * (1 - units / stages), 2, "%")
    best = min(timed(tend, "run", str(study), "--quiet")[0] for _ in range(3))
    tell("a fully cached run", best, 2)
    (study.parent / ".tend" / "finished").unlink()
    begun = time.monotonic()
    process = subprocess.Popen([tend, "run", str(study), "--progress", "json"],
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    moments = {}
    for line in process.stderr:
        record = json.loads(line)
        moments.setdefault((record["event"], record.get("stage")), time.monotonic() - begun)
    process.wait()
    tell("cached, gathered again, up to the analysis",
         moments[("stage_started", "analysis")], 2)
    tell("  of it before gathering", moments[("stage_finished", "cka")], None)
    tell("  then the analysis", moments[("stage_finished", "analysis")]
         - moments[("stage_started", "analysis")], None)


def wide(tend, base, small, tell):
    """Plans of 10,000 units."""
    study = write_study(
        base / "wide", *((2, 10) if small else (10, 143)), 1,
        "{heads: false, variants: [], components: [mlp], spectra: [per, relative_change]}")
    seconds, done = timed(tend, "check", str(study), "--json")
    plan = json.loads(done.stdout)
    units = sum(stage["done"] + stage["to_do"] for stage in plan["stages"])
    # Two seconds of it are the measurement of the machine.
    tell(f"the plan of {units} units, nothing done", seconds - 2, 1)
    timed(tend, "run", str(study), "--quiet")
    best = min(timed(tend, "check", str(study), "--json")[0] for _ in range(3))
    tell(f"the plan of {units} units, all done", best, 1)
    best = min(timed(tend, "run", str(study), "--quiet")[0] for _ in range(3))
    tell(f"a fully cached run of {units} units", best, None)


def main():
    tend = os.path.abspath(sys.argv[1])
    small = "--small" in sys.argv
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else None
    failed = []

    def tell(what, seconds, limit, unit="s"):
        late = limit is not None and seconds > limit
        if late:
            failed.append(what)
        bound = "" if limit is None else f" (limit {limit} {unit}{': PASSED' if late else ''})"
        print(f"{what}: {seconds:.2f} {unit}{bound}", flush=True)

    with tempfile.TemporaryDirectory(prefix="tend-overhead-") as scratch:
        base = pathlib.Path(scratch)
        if only in (None, "deep"):
            deep(tend, base, small, tell)
        if only in (None, "wide"):
            wide(tend, base, small, tell)
    sys.exit(1 if failed else 0)


main()
