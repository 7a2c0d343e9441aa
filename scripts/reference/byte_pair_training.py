#!/usr/bin/env python3
"""Merges that the Hugging Face tokenizers library learns, for the tests of `tend train`.

Writes Tests/Fixtures/training/merges.json: the vocabularies of 600 entries that `BpeTrainer` learns from
the demo's corpus and a text of several scripts, with the byte alphabet, NFC and `<|endoftext|>` as the first entry.

Needs tokenizers.
"""

import json
import pathlib

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = ["templates/demo/corpus.txt", "Tests/Fixtures/training/mixed.txt"]


def learn(path):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([path.read_text()], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {"vocabulary": model["vocab"], "merges": model["merges"]}


def main():
    result = {"version": tokenizers.__version__}
    result["texts"] = {name: learn(ROOT / name) for name in TEXTS}
    target = ROOT / "Tests/Fixtures/training/merges.json"
    target.write_text(json.dumps(result, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
