#!/usr/bin/env python3
"""Training steps of PyTorch and Hugging Face transformers, for the tests of `tend train`.

    training.py [MINI_PYTHIA]

Writes Tests/Fixtures/training/reference.json: the losses of 20 updates from step 0 of the nano run, the
gradient norms before clipping, and the norms of weights and of both running means of every parameter
afterwards. Twice: from Tests/Fixtures/nano on its tokens (8 sequences of 64 in order, again from the
first after the last), and, with the folder of mini-pythia, from its nano-seed0/step0 on
corpus_sample_a.txt as its tokenizer.json has it (8 x 256, in order).

The recipe is Pythia's: AdamW 0.9/0.95, eps 1e-8, decay 0.1 on matrices, clip 1.0, learning rate 1e-3
with 30 steps of warm-up, then a cosine to 10 % at step 3000. Float32 on the CPU, one thread.

Needs torch, transformers, safetensors, tokenizers, numpy.
"""

import json
import math
import pathlib
import sys

import numpy
import safetensors.torch
import tokenizers
import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
UPDATES, SEQUENCES, STEPS, WARMUP, RATE = 20, 8, 3000, 30, 1e-3


def learning_rate(step):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return RATE * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress)))


def train(folder, windows):
    config = json.loads((folder / "config.json").read_text())
    names = ("architectures", "torch_dtype", "dtype", "transformers_version")
    model = transformers.GPTNeoXForCausalLM(
        transformers.GPTNeoXConfig(**{k: v for k, v in config.items() if k not in names})
    ).float()
    stored = safetensors.torch.load_file(folder / "model.safetensors")
    own = model.state_dict()
    rename = {"embed_out.weight": "lm_head.weight"} if "lm_head.weight" in own else {}
    weights = {rename.get(name, name): tensor.float() for name, tensor in stored.items()}
    assert set(weights) == set(own), set(weights) ^ set(own)
    model.load_state_dict(weights)
    parameters = dict(model.named_parameters())
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in parameters.values() if p.dim() == 2], "weight_decay": 0.1},
            {"params": [p for p in parameters.values() if p.dim() != 2], "weight_decay": 0.0},
        ],
        lr=RATE, betas=(0.9, 0.95), eps=1e-8, foreach=False,
    )
    back = {new: old for old, new in rename.items()}
    losses, norms = [], []
    for step in range(UPDATES):
        rows = [(step * SEQUENCES + i) % len(windows) for i in range(SEQUENCES)]
        batch = torch.tensor(windows[rows], dtype=torch.long)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step)
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
        optimiser.step()
        losses.append(float(loss.detach()))
    after = {}
    for name, parameter in parameters.items():
        state = optimiser.state[parameter]
        after[back.get(name, name)] = [
            float(tensor.detach().double().norm())
            for tensor in (parameter, state["exp_avg"], state["exp_avg_sq"])
        ]
    return {
        "sequences": SEQUENCES, "length": windows.shape[1], "steps": STEPS, "warmup": WARMUP,
        "learning_rate": RATE, "losses": losses, "gradient_norms": norms,
        "weights_first_second": after,
    }


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    fixture = ROOT / "Tests/Fixtures/nano"
    result = {
        "versions": {
            "torch": torch.__version__, "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__, "numpy": numpy.__version__,
        },
        "nano": train(fixture / "step0", numpy.load(fixture / "tokens.npy")),
    }
    if len(sys.argv) > 1:
        data = pathlib.Path(sys.argv[1])
        tokenizer = tokenizers.Tokenizer.from_file(str(data / "tokenizer.json"))
        ids = tokenizer.encode((data / "corpus_sample_a.txt").read_text()).ids
        windows = numpy.array(ids[: len(ids) // 256 * 256]).reshape(-1, 256)
        result["mini_pythia"] = train(data / "nano-seed0/step0", windows)
    target = ROOT / "Tests/Fixtures/training/reference.json"
    target.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
