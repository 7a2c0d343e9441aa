#!/usr/bin/env python3
"""Token ids of the Hugging Face tokenizers library, for Tests/TokenizationTests.

  tokenization.py write FILE           trains a small byte-level BPE, writes variants of it and their ids
  tokenization.py check TEND TOKENIZER TEXT...
                                       ids of `TEND tokenize` against the library's on those texts and on
                                       random ones, for every variant

Needs the PyPI package tokenizers. FILE: {tokenizers: version, variants: [{name, tokenizer, cases: [{text, ids}]}]}.
"""
import json
import random
import subprocess
import sys
import tempfile
import unicodedata

import tokenizers

GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+")
POSSESSIVE = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]"
              r"|\s+(?!\S)|\s+")
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
CUTTING = dict(BYTES, use_regex=True)


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert}


def sequence(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def added(token_id, content, **flags):
    token = dict(id=token_id, content=content, single_word=False, lstrip=False, rstrip=False, normalized=True,
                 special=False)
    token.update(flags)
    return token


def variants(base):
    """The forms in which GPT-NeoX, GPT-2, Llama 3, OLMo, Qwen and SmolLM ship."""
    size = len(base["model"]["vocab"])
    plain = dict(base, normalizer=None)
    special = base["added_tokens"]
    runs = [added(size + 24 - n, " " * n) for n in range(24, 1, -1)]
    bounds = [added(size + i, text, special=True, normalized=False) for i, text in enumerate(["<|begin|>", "<|end|>"])]
    template = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<|begin|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "<|end|>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {t["content"]: {"id": t["content"], "ids": [t["id"]], "tokens": [t["content"]]}
                           for t in bounds},
    }
    odd = [("<m>", dict(lstrip=True)), ("<r>", dict(rstrip=True, normalized=False)), ("quux", dict(single_word=True)),
           ("quuxzab", {}), ("caf\u00e9", {}), ("<lr>", dict(lstrip=True, rstrip=True)), ("  ", dict(normalized=False))]
    return {
        "gpt_neox": base,
        "gpt_neox_spaces": dict(base, added_tokens=special + runs),
        "gpt2": plain,
        "gpt2_prefix_space": dict(plain, pre_tokenizer=dict(CUTTING, add_prefix_space=True)),
        "llama3": dict(plain, pre_tokenizer=sequence(split(GPT4), BYTES), added_tokens=special + bounds,
                       model=dict(base["model"], ignore_merges=True),
                       post_processor={"type": "Sequence", "processors": [BYTES, template]}),
        "gpt4": dict(plain, pre_tokenizer=sequence(split(GPT4, "Removed", True), BYTES)),
        "possessive": dict(plain, pre_tokenizer=sequence(split(POSSESSIVE), BYTES)),
        "qwen2": dict(base, pre_tokenizer=sequence(split(GPT4.replace("{1,3}", "")), BYTES)),
        "smollm": dict(plain, pre_tokenizer=sequence({"type": "Digits", "individual_digits": True}, CUTTING)),
        "digit_runs": dict(plain, pre_tokenizer=sequence({"type": "Digits", "individual_digits": False}, CUTTING)),
        "added_tokens": dict(base, added_tokens=special + [added(size + i, c, **f) for i, (c, f) in enumerate(odd)]),
    }


def random_text(rng, length):
    words = ["'s", "'S", "'ll", "'LL", "'\u017f", "'Re", "don't", "1234567", "\uff11\uff12", "\u00bd", "quux", "quuxzab",
             "xquux", "caf\u00e9", "cafe\u0301", " <m> ", "<r>  x", "<|endoftext|>", "<|begin|>", "<lr>", "  ", "the ",
             "\u1100\u1161\u11a8", "e\u0327\u0301\u0316", "\r\n\r\n", "return 0;\n", "\u0345\u0301", "\U000105D2\u0307"]
    blocks = [(0x80, 0x250), (0x300, 0x370), (0x400, 0x530), (0x900, 0xE00), (0x1100, 0x1200), (0xAC00, 0xAD00),
              (0x1E00, 0x2100), (0x4E00, 0x4F00), (0x1F300, 0x1F700), (0x10D00, 0x11E00), (0, 0x20)]

    def scalar():
        code = rng.randrange(0x110000) if rng.random() < 0.2 else rng.randrange(*rng.choice(blocks))
        return "x" if 0xD800 <= code < 0xE000 else chr(code)

    makers = [lambda: chr(rng.randrange(0x20, 0x7F)), lambda: rng.choice(" \n\r\t\x0b\x85\u00a0\u2003\u2028\u3000\ufeff"),
              scalar, lambda: rng.choice(words), lambda: " " * rng.randrange(1, 30),
              lambda: chr(rng.randrange(0x61, 0x7B)) * rng.randrange(1, 20)]
    parts = []
    while sum(map(len, parts)) < length:
        maker = rng.choice(makers)
        parts += [maker() for _ in range(rng.randrange(1, 8))]
    return "".join(parts)


def train(text):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.normalizer = tokenizers.normalizers.NFC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=520, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([text], trainer)
    return json.loads(tokenizer.to_str())


def write(path):
    base = train(open(__file__, encoding="utf-8").read() * 2 + "the quick brown fox caf\u00e9 na\u00efve 123 456 " * 20)
    rng = random.Random(1)
    texts = ["", " ", "\n", "Hello, world!", "it's we'LL I'\u017f", "  two  spaces\n\n\n x", "12345 6 7890",
             "cafe\u0301 \uac00\u1100\u1161\u11a8", "a<|endoftext|>b  <m>  c<r>   d quux quuxzab"] + [
        random_text(rng, 120) for _ in range(12)]
    result = []
    for name, value in variants(base).items():
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        reference = tokenizers.Tokenizer.from_str(text)
        result.append({"name": name, "tokenizer": text,
                       "cases": [{"text": t, "ids": reference.encode(t).ids} for t in texts]})
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"tokenizers": tokenizers.__version__, "variants": result}, file, separators=(",", ":"))
        file.write("\n")


def check(tend, tokenizer_path, paths):
    base = json.load(open(tokenizer_path, encoding="utf-8"))
    rng = random.Random()
    seed = rng.randrange(1 << 32)
    rng = random.Random(seed)
    marks = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    texts = [open(path, encoding="utf-8", newline="").read() for path in paths]
    texts += [random_text(rng, 20_000), "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)])),
              "".join(rng.choice(marks) if rng.random() < 0.7 else rng.choice("Aeo\u05d0\u0915\u1100\uac00")
                      for _ in range(20_000)), "^" * 1_000_000, "\u00e9" * 1_000_000, " " * 1_000_000]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, value in variants(base).items():
            json.dump(value, open(f"{folder}/tokenizer.json", "w"))
            reference = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json")
            for index, text in enumerate(texts):
                open(f"{folder}/text", "w", encoding="utf-8", newline="").write(text)
                output = subprocess.run([tend, "tokenize", f"{folder}/text", "--tokenizer",
                                         f"{folder}/tokenizer.json", "--json"], capture_output=True, text=True)
                if output.returncode != 0 or json.loads(output.stdout) != reference.encode(text).ids:
                    failures += 1
                    print(f"{name}, text {index} (seed {seed}): ids differ {output.stderr}")
    print(f"tokenizers {tokenizers.__version__}: {len(variants(base))} tokenizers x {len(texts)} texts, "
          f"{failures} differ")
    return failures


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "write":
        write(sys.argv[2])
    elif len(sys.argv) >= 4 and sys.argv[1] == "check":
        sys.exit(1 if check(sys.argv[2], sys.argv[3], sys.argv[4:]) else 0)
    else:
        sys.exit(__doc__)
