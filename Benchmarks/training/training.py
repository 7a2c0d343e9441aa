#!/usr/bin/env python3
"""Updates of `tend train` beside PyTorch's at the demo's shapes, in turns.

usage: training.py TRAIN_BENCH [--rounds N] [--threads N] [--seconds S]

TRAIN_BENCH is the built executable. Both sides train GPT-NeoX in float32 with AdamW, clipping at 1.0, on
the same tokens with the same number of threads; a round makes as many updates of each in turn, so that a
busy machine slows both.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

# Layers, hidden size, heads, vocabulary, sequences, length: templates/demo.
SHAPES = [(7, 32, 2, 512, 16, 64), (7, 48, 3, 512, 16, 64), (7, 64, 4, 512, 16, 64), (7, 96, 6, 512, 16, 64)]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seconds", type=float, default=0.7, help="of a round of torch")
    return parser.parse_args()


class Torch:
    def __init__(self, shape, tokens):
        layers, d, heads, vocabulary, self.sequences, length = shape
        self.model = GPTNeoXForCausalLM(GPTNeoXConfig(
            vocab_size=vocabulary, hidden_size=d, num_hidden_layers=layers, num_attention_heads=heads,
            intermediate_size=4 * d, max_position_embeddings=length, hidden_act="gelu",
            attention_dropout=0.0, hidden_dropout=0.0)).float().train()
        matrices = [p for p in self.model.parameters() if p.dim() == 2]
        others = [p for p in self.model.parameters() if p.dim() != 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
            lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
        self.tokens = torch.tensor(tokens, dtype=torch.long)
        self.place = 0

    def run(self, updates):
        start = time.perf_counter()
        for _ in range(updates):
            rows = (self.place + torch.arange(self.sequences)) % len(self.tokens)
            self.place += self.sequences
            batch = self.tokens[rows]
            loss = self.model(input_ids=batch, labels=batch, use_cache=False).loss
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
        return time.perf_counter() - start


class Ours:
    def __init__(self, bench, shape, tokens, threads):
        self.process = subprocess.Popen(
            [bench, tokens, *map(str, shape), str(threads)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def run(self, updates):
        self.process.stdin.write(f"{updates}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["seconds"]


def main():
    o = parse()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    print(f"GPT-NeoX in float32, AdamW, {o.threads} threads, {o.rounds} rounds, torch {torch.__version__}\n")
    print("| layers x d, vocabulary, batch | ours, tokens/s | torch, tokens/s | ratio, median (range) |")
    print("|---|---|---|---|")
    for shape in SHAPES:
        layers, d, _, vocabulary, sequences, length = shape
        tokens = np.random.default_rng(0).integers(0, vocabulary, (512, length)).astype(np.int32)
        with tempfile.NamedTemporaryFile(suffix=".npy") as file:
            np.save(file.name, tokens)
            ours, theirs = Ours(o.bench, shape, file.name, o.threads), Torch(shape, tokens)
            ours.run(2), theirs.run(2)
            updates = max(1, int(4 * o.seconds / theirs.run(4)))
            rows = [(ours.run(updates), theirs.run(updates)) for _ in range(o.rounds)]
        count = updates * sequences * length
        ratios = [b / a for a, b in rows]
        rate = lambda index: count / statistics.median(row[index] for row in rows)
        print(f"| {layers} x {d}, {vocabulary}, {sequences} x {length} | {rate(0):,.0f} | {rate(1):,.0f} "
              f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |", flush=True)


if __name__ == "__main__":
    main()
