#!/usr/bin/env python3
"""Logits, losses, hook points and gradients of tiny random models from transformers, for
Tests/LanguageModelsTests/ArchitectureReferenceTests.swift.

  architectures.py write FOLDER [SEED]    writes cases.json and values.safetensors

Needs the PyPI packages torch, transformers and safetensors. Models are computed in float64 (transformers keeps
angles, softmax and root-mean-square norms in float32). Weights are not stored: both sides draw them from the same
SplitMix64, one number after the other, tensors in the order of their names.
"""
import json
import sys

import numpy
import safetensors
import safetensors.numpy
import torch
import transformers

LENGTH = 14
NEOX = dict(vocab_size=19, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=20,
            max_position_embeddings=32, rotary_pct=0.5, hidden_dropout=0.0, attention_dropout=0.0)
LLAMA = dict(vocab_size=19, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4,
             intermediate_size=12, max_position_embeddings=32, attention_dropout=0.0, pad_token_id=None,
             bos_token_id=None, eos_token_id=None)
GPT2 = dict(vocab_size=19, n_embd=16, n_layer=2, n_head=4, n_positions=32, resid_pdrop=0.0, embd_pdrop=0.0,
            attn_pdrop=0.0)


def rope(kind, **values):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=100.0, **values))


def cases():
    """(class, configuration) by name."""
    t = transformers
    made = {}

    def add(name, model, base, **changes):
        made[name] = (model, dict(base, **changes))

    add("gpt_neox", t.GPTNeoXForCausalLM, NEOX)
    add("gpt_neox_sequential", t.GPTNeoXForCausalLM, NEOX, use_parallel_residual=False)
    add("gpt_neox_tied", t.GPTNeoXForCausalLM, NEOX, tie_word_embeddings=True)
    add("gpt_neox_no_bias", t.GPTNeoXForCausalLM, NEOX, attention_bias=False)
    for activation in ["gelu_new", "quick_gelu", "silu", "relu", "tanh"]:
        add(f"gpt_neox_{activation}", t.GPTNeoXForCausalLM, NEOX, num_hidden_layers=1, hidden_act=activation)
    for heads in [1, 2, 4]:
        add(f"llama_groups_{heads}", t.LlamaForCausalLM, LLAMA, num_key_value_heads=heads)
    add("llama_biases", t.LlamaForCausalLM, LLAMA, num_key_value_heads=2, attention_bias=True, mlp_bias=True)
    add("llama_tied", t.LlamaForCausalLM, LLAMA, num_key_value_heads=2, tie_word_embeddings=True)
    add("llama_head_size", t.LlamaForCausalLM, LLAMA, num_key_value_heads=1, head_dim=6)
    add("llama_gelu", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1, hidden_act="gelu")
    add("llama_linear", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1, **rope("linear", factor=3.0))
    add("llama_dynamic", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1, **rope("dynamic", factor=3.0))
    add("llama_llama3", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1, head_dim=8,
        **rope("llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16))
    add("llama_yarn", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1, head_dim=8,
        **rope("yarn", factor=4.0, beta_fast=4.0, beta_slow=1.0, original_max_position_embeddings=16))
    add("llama_yarn_attention", t.LlamaForCausalLM, LLAMA, num_hidden_layers=1,
        **rope("yarn", factor=2.0, attention_factor=0.8, truncate=False, original_max_position_embeddings=16))
    add("phi3", t.Phi3ForCausalLM, LLAMA, num_key_value_heads=2, resid_pdrop=0.0, embd_pdrop=0.0)
    add("olmo", t.OlmoForCausalLM, LLAMA)
    add("olmo_clip", t.OlmoForCausalLM, LLAMA, num_key_value_heads=2, clip_qkv=0.6, tie_word_embeddings=True)
    add("olmo2", t.Olmo2ForCausalLM, LLAMA)
    add("olmo2_groups", t.Olmo2ForCausalLM, LLAMA, num_key_value_heads=2, attention_bias=True)
    add("gpt2", t.GPT2LMHeadModel, GPT2)
    add("gpt2_untied", t.GPT2LMHeadModel, GPT2, n_inner=24, activation_function="gelu", tie_word_embeddings=False)
    return made


class SplitMix64:
    """Steele et al. 2014."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def uniform(self):
        """In [-0.5, 0.5), exact in float32."""
        return (self.next() >> 40) / (1 << 24) - 0.5


def fill(model, generator):
    for name, parameter in sorted(model.named_parameters()):
        offset = 1.0 if name.endswith("weight") and ("norm" in name or "ln_" in name) else 0.0
        values = numpy.array([generator.uniform() + offset for _ in range(parameter.numel())], dtype=numpy.float32)
        parameter.data = torch.from_numpy(values.reshape(parameter.shape).astype(numpy.float64))


def hooks(model, config, seen):
    """Keeps what each block's parts give, by layer and name of the hook point."""
    kind = config.model_type
    blocks = model.gpt_neox.layers if kind == "gpt_neox" else model.transformer.h if kind == "gpt2" else model.model.layers
    for layer, block in enumerate(blocks):
        def keep(name, layer=layer):
            def hook(_module, _inputs, output):
                seen[f"{layer}.{name}"] = (output[0] if isinstance(output, tuple) else output).detach()
            return hook
        block.register_forward_hook(keep("residual"))
        attention = block.attention if kind == "gpt_neox" else block.attn if kind == "gpt2" else block.self_attn
        output = attention.dense if kind == "gpt_neox" else attention.c_proj if kind == "gpt2" else attention.o_proj
        output.register_forward_hook(keep("attention"))
        down = (block.mlp.dense_4h_to_h if kind == "gpt_neox" else block.mlp.c_proj if kind == "gpt2"
                else block.mlp.down_proj)
        down.register_forward_hook(keep("mlp"))
        fused = {"gpt_neox": "query_key_value", "gpt2": "c_attn", "phi3": "qkv_proj"}.get(kind, "v_proj")
        getattr(attention, fused).register_forward_hook(keep("projection"))


def value(projection, config):
    """Value activations by query head from what the projection gave."""
    kind = config.model_type
    if kind == "gpt2":
        return projection[..., 2 * config.n_embd:]
    heads = config.num_attention_heads
    if kind == "gpt_neox":
        size = config.hidden_size // heads
        return projection.view(*projection.shape[:-1], heads, 3, size)[..., 2, :].flatten(-2)
    groups = config.num_key_value_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    if kind == "phi3":
        projection = projection[..., (heads + groups) * size:]
    if getattr(config, "clip_qkv", None):
        projection = projection.clamp(-config.clip_qkv, config.clip_qkv)
    by_head = projection.view(*projection.shape[:-1], groups, size)
    return by_head.repeat_interleave(heads // groups, dim=-2).flatten(-2)


def write(folder, first_seed):
    described, tensors = [], {}
    for index, (name, (model_class, changes)) in enumerate(cases().items()):
        seed = first_seed + index
        generator = SplitMix64(seed)
        config = model_class.config_class(**changes)
        config._attn_implementation = "eager"
        model = model_class(config).double().eval()
        fill(model, generator)
        tokens = torch.tensor([[generator.next() % 19 for _ in range(LENGTH)] for _ in range(2)])
        seen = {}
        hooks(model, config, seen)
        output = model(input_ids=tokens, use_cache=False)
        loss = torch.nn.functional.cross_entropy(output.logits[:, :-1].reshape(-1, 19), tokens[:, 1:].reshape(-1))
        loss.backward()

        def put(key, tensor):
            tensors[f"{name}/{key}"] = numpy.ascontiguousarray(tensor.detach().numpy().astype(numpy.float32))

        put("logits", output.logits[:, LENGTH - 4:])
        for key, tensor in seen.items():
            layer, hook = key.split(".")
            if hook == "projection":
                hook, tensor = "value", value(tensor, config)
            put(f"hook/{layer}/{hook}", tensor[:, -1])
        for parameter, weight in model.named_parameters():
            put(f"gradient/{parameter}", weight.grad)
        text = json.loads(config.to_json_string(use_diff=False))
        text = {k: v for k, v in text.items() if v is not None and k not in ("id2label", "label2id")}
        described.append({"name": name, "seed": seed, "loss": loss.item(), "config": text,
                          "tokens": tokens.tolist()})
    safetensors.numpy.save_file(tensors, f"{folder}/values.safetensors")
    with open(f"{folder}/cases.json", "w") as file:
        json.dump({"transformers": transformers.__version__, "torch": torch.__version__, "cases": described}, file,
                  separators=(",", ":"))
        file.write("\n")
    print(f"{len(described)} models, transformers {transformers.__version__}, torch {torch.__version__}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] != "write":
        sys.exit(__doc__)
    write(sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 1)
