#!/usr/bin/env python3
"""Forward and backward of this code beside PyTorch's, on the same weights and tokens, in turns.

usage: passes.py PASSES [--rounds N] [--sequences N] [--length N] [--threads N] [--layers N]

PASSES is the built executable. Both sides run float32 on the same number of threads; a round times
forward, and forward with backward, of each in turn, so that a busy machine slows both. Ours reads
its weights from the file within the time measured; torch holds them in memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("passes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sequences", type=int, default=32)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--layers", type=int, default=12)
    return parser.parse_args()


class Ours:
    def __init__(self, passes, folder, tokens, threads):
        self.process = subprocess.Popen(
            [passes, "time", folder, tokens, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def clocks():
    """Seconds by the clock and processor seconds of all threads."""
    return np.array([time.perf_counter(), time.process_time()])


def torch_round(model, tokens):
    """Clocks of a forward without gradients, of a forward that keeps them, of backward; the loss."""
    with torch.no_grad():
        start = clocks()
        model(input_ids=tokens, labels=tokens, use_cache=False)
        alone = clocks() - start
    model.zero_grad(set_to_none=True)
    start = clocks()
    loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
    middle = clocks()
    loss.backward()
    return alone, middle - start, clocks() - middle, loss.item()


def ours_clocks(answer):
    return np.array([answer["seconds"], answer["cpu"]])


def spread(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main():
    o = parse()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    config = GPTNeoXConfig(
        vocab_size=50304, hidden_size=768, num_hidden_layers=o.layers, num_attention_heads=12,
        intermediate_size=3072, max_position_embeddings=2048, hidden_act="gelu",
        attention_dropout=0.0, hidden_dropout=0.0)
    model = GPTNeoXForCausalLM(config).float().eval()
    tokens = torch.randint(0, 50304, (o.sequences, o.length))
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        np.save(f"{folder}/tokens.npy", tokens.numpy().astype(np.int32))
        ours = Ours(o.passes, folder, f"{folder}/tokens.npy", o.threads)
        rows = []
        for index in range(o.rounds + 1):
            forward = ours.run("forward")
            alone, keeping, backward, loss = torch_round(model, tokens)
            row = {
                "forward": forward, "analysed": ours.run("analysed"), "all": ours.run("all"),
                "sgemm": ours.run("sgemm")["flops"], "torch": (alone, keeping, backward)}
            if abs(forward["loss"] / loss - 1) > 1e-5:
                sys.exit(f"losses differ: {forward['loss']} here, {loss} in torch")
            if index > 0:  # the first warms up
                rows.append(row)

    count = o.sequences * o.length
    d, inner, vocabulary = 768, 3072, 50304
    flops = 2 * count * (
        o.layers * (4 * d * d + 2 * d * inner + o.length * d) + vocabulary * d)
    median = lambda f: statistics.median(map(f, rows))
    kernel = median(lambda r: r["sgemm"])
    print(f"GPT-NeoX, {o.layers} layers, d {d}, 12 heads, {o.sequences} x {o.length} tokens, "
          f"{o.threads} threads, {o.rounds} rounds, torch {torch.__version__}\n")
    print("| pass | ours, tokens/s | torch, tokens/s | ratio, median (range) | processor seconds |")
    print("|---|---|---|---|---|")
    forward = lambda r: ours_clocks(r["forward"])
    lines = {
        "forward": (forward, lambda r: r["torch"][0]),
        "backward, analysed matrices": (
            lambda r: ours_clocks(r["analysed"]) - forward(r), lambda r: r["torch"][2]),
        "backward, every parameter": (
            lambda r: ours_clocks(r["all"]) - forward(r), lambda r: r["torch"][2]),
        "activations and gradients": (
            lambda r: ours_clocks(r["analysed"]), lambda r: sum(r["torch"])),
    }
    for name, (mine, theirs) in lines.items():
        ratios = np.array([theirs(r) / mine(r) for r in rows])
        print(f"| {name} | {count / median(lambda r: mine(r)[0]):.0f} "
              f"| {count / median(lambda r: theirs(r)[0]):.0f} "
              f"| {spread(ratios[:, 0])} | {spread(ratios[:, 1])} |")
    print("\nRatios above 1: ours is faster. Processor seconds tell more on a busy machine.")
    rate = flops / median(lambda r: r["forward"]["seconds"])
    print(f"\nforward runs at {rate / 1e9:.0f} GFLOP/s, "
          f"{100 * rate / kernel:.0f} % of the measured sgemm rate ({kernel / 1e9:.0f} GFLOP/s)")
    print(f"peak memory: {max(r['all']['peak'] for r in rows) / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
