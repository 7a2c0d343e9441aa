"""GPT-NeoX in float64 numpy: forward, observed activations, and the gradient of the loss.

Written from the model's definition alone (fused QKV interleaved by head, rotary embedding on the
first rotary_pct of each head, parallel or sequential residual, exact erf GELU), independent of the
Swift code that it checks. Slow and plain on purpose.

Shapes: b sequences, l positions, d hidden, h heads, k = d / h.
"""

import math

import numpy as np


def erf(x):
    return np.fromiter(map(math.erf, x.ravel()), float, x.size).reshape(x.shape)


def normal_cdf(x):
    return 0.5 * (1 + erf(x / math.sqrt(2)))


def normalize(x, weight, bias, epsilon):
    """Layer normalisation and what its backward needs: (y, (x̂, 1/σ))."""
    centred = x - x.mean(-1, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    unit = centred * inverse
    return unit * weight + bias, (unit, inverse)


def normalize_backward(dy, weight, saved):
    """(dx, dweight, dbias)."""
    unit, inverse = saved
    g = dy * weight
    dx = inverse * (
        g - g.mean(-1, keepdims=True) - unit * (g * unit).mean(-1, keepdims=True)
    )
    return dx, (dy * unit).sum((0, 1)), dy.sum((0, 1))


def outer(dy, x):
    """Σ over positions of dy xᵀ: [b, l, o], [b, l, i] to [o, i]."""
    return dy.reshape(-1, dy.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def linear_backward(dy, x, weight):
    """(dx, dweight, dbias) of y = x weightᵀ + bias."""
    return dy @ weight, outer(dy, x), dy.sum((0, 1))


class GPTNeoX:
    def __init__(self, config, weights):
        if config["hidden_act"] != "gelu":
            raise ValueError(f"hidden_act is {config['hidden_act']}, this reference knows gelu only")
        self.weights = weights
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.d = config["hidden_size"]
        self.head_dim = self.d // self.heads
        self.epsilon = config["layer_norm_eps"]
        self.parallel = config["use_parallel_residual"]
        # transformers 5 moved both keys into rope_parameters.
        rope = config.get("rope_parameters") or {}
        fraction = config.get("rotary_pct", rope.get("partial_rotary_factor"))
        self.base = config.get("rotary_emb_base", rope.get("rope_theta"))
        self.rotary = int(self.head_dim * fraction)

    def of_layer(self, index, name):
        return self.weights[f"gpt_neox.layers.{index}.{name}"]

    # Rotary embedding: the pair (i, i + r/2) of the first r entries turns by t · base^(-2i/r).

    def rotate(self, x, direction=1):
        r, half = self.rotary, self.rotary // 2
        frequencies = self.base ** (-np.arange(half) * 2 / r)
        angles = direction * np.arange(x.shape[1])[:, None] * frequencies
        cos, sin = np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]
        first, second, rest = x[..., :half], x[..., half:r], x[..., r:]
        return np.concatenate(
            [first * cos - second * sin, second * cos + first * sin, rest], axis=-1
        )

    # Forward

    def attend(self, qkv):
        """Mixed values [b, l, d] of the fused projection [b, l, 3d], and what backward needs."""
        b, l, _ = qkv.shape
        split = qkv.reshape(b, l, self.heads, 3, self.head_dim)
        query, key = self.rotate(split[..., 0, :]), self.rotate(split[..., 1, :])
        value = split[..., 2, :]
        scores = np.einsum("bqhk,bshk->bhqs", query, key) / math.sqrt(self.head_dim)
        scores[:, :, np.triu(np.ones((l, l), bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = np.einsum("bhqs,bshk->bqhk", weights, value).reshape(b, l, self.d)
        return mixed, (query, key, value, weights)

    def block(self, index, x):
        """(output, everything computed on the way, by name)."""
        w = lambda name: self.of_layer(index, name)
        s = {"x": x}
        s["norm1"], s["saved1"] = normalize(
            x, w("input_layernorm.weight"), w("input_layernorm.bias"), self.epsilon)
        s["qkv"] = (s["norm1"] @ w("attention.query_key_value.weight").T
                    + w("attention.query_key_value.bias"))
        s["mixed"], s["attend"] = self.attend(s["qkv"])
        s["attention"] = s["mixed"] @ w("attention.dense.weight").T + w("attention.dense.bias")
        s["before_mlp"] = x if self.parallel else x + s["attention"]
        s["norm2"], s["saved2"] = normalize(
            s["before_mlp"], w("post_attention_layernorm.weight"),
            w("post_attention_layernorm.bias"), self.epsilon)
        s["up"] = s["norm2"] @ w("mlp.dense_h_to_4h.weight").T + w("mlp.dense_h_to_4h.bias")
        s["cdf"] = normal_cdf(s["up"])
        s["mlp"] = ((s["up"] * s["cdf"]) @ w("mlp.dense_4h_to_h.weight").T
                    + w("mlp.dense_4h_to_h.bias"))
        s["residual"] = x + s["attention"] + s["mlp"]
        return s["residual"], s

    def forward(self, tokens):
        """Everything computed: {blocks, final, saved_final, logits}."""
        x = self.weights["gpt_neox.embed_in.weight"][tokens]
        blocks = []
        for index in range(self.layers):
            x, states = self.block(index, x)
            blocks.append(states)
        final, saved = normalize(
            x, self.weights["gpt_neox.final_layer_norm.weight"],
            self.weights["gpt_neox.final_layer_norm.bias"], self.epsilon)
        logits = final @ self.weights["embed_out.weight"].T
        return {"blocks": blocks, "final": final, "saved_final": saved, "logits": logits}

    @staticmethod
    def token_losses(logits, tokens):
        """Cross-entropy of each next token, [b, l - 1], and the softmax there."""
        shifted = logits[:, :-1] - logits[:, :-1].max(-1, keepdims=True)
        probabilities = np.exp(shifted)
        sums = probabilities.sum(-1, keepdims=True)
        picked = np.take_along_axis(shifted, tokens[:, 1:, None], -1)
        return (np.log(sums) - picked)[..., 0], probabilities / sums

    def activations(self, states, index):
        """The observed activations of a block, each [b, l, d]; ov_heads [h, b, l, d]."""
        qkv = states["qkv"]
        b, l, _ = qkv.shape
        output = self.of_layer(index, "attention.dense.weight")
        value = qkv.reshape(b, l, self.heads, 3, self.head_dim)[..., 2, :]
        # The paper's code takes the last third of the fused output for the value.
        legacy = qkv[..., 2 * self.d :].reshape(b, l, self.heads, self.head_dim)
        columns = output.reshape(self.d, self.heads, self.head_dim)
        by_head = lambda v: np.einsum("blhk,ohk->hblo", v, columns)
        return {
            "mlp": states["mlp"],
            "ov": by_head(value).sum(0),
            "attention": states["attention"],
            "residual": states["residual"],
            "ov_heads": by_head(value),
            "legacy_ov": by_head(legacy).sum(0),
            "legacy_ov_heads": by_head(legacy),
        }

    # Backward

    def attend_backward(self, dmixed, saved):
        query, key, value, weights = saved
        b, l = dmixed.shape[:2]
        d = dmixed.reshape(b, l, self.heads, self.head_dim)
        dvalue = np.einsum("bhqs,bqhk->bshk", weights, d)
        dweights = np.einsum("bqhk,bshk->bhqs", d, value)
        dscores = weights * (dweights - (dweights * weights).sum(-1, keepdims=True))
        dscores /= math.sqrt(self.head_dim)
        dquery = self.rotate(np.einsum("bhqs,bshk->bqhk", dscores, key), direction=-1)
        dkey = self.rotate(np.einsum("bhqs,bqhk->bshk", dscores, query), direction=-1)
        return np.stack([dquery, dkey, dvalue], axis=3).reshape(b, l, 3 * self.d)

    def block_backward(self, index, dy, s, gradients):
        """Adds the block's parameter gradients; returns the gradient of its input."""
        w = lambda name: self.of_layer(index, name)

        def add(name, weight, bias):
            gradients[f"gpt_neox.layers.{index}.{name}.weight"] += weight
            gradients[f"gpt_neox.layers.{index}.{name}.bias"] += bias

        dact, dw, db = linear_backward(dy, s["up"] * s["cdf"], w("mlp.dense_4h_to_h.weight"))
        add("mlp.dense_4h_to_h", dw, db)
        density = np.exp(-0.5 * s["up"] ** 2) / math.sqrt(2 * math.pi)
        dup = dact * (s["cdf"] + s["up"] * density)
        dnorm, dw, db = linear_backward(dup, s["norm2"], w("mlp.dense_h_to_4h.weight"))
        add("mlp.dense_h_to_4h", dw, db)
        dbefore, dw, db = normalize_backward(
            dnorm, w("post_attention_layernorm.weight"), s["saved2"])
        add("post_attention_layernorm", dw, db)

        dattention = dy if self.parallel else dy + dbefore
        dmixed, dw, db = linear_backward(dattention, s["mixed"], w("attention.dense.weight"))
        add("attention.dense", dw, db)
        dqkv = self.attend_backward(dmixed, s["attend"])
        dnorm, dw, db = linear_backward(dqkv, s["norm1"], w("attention.query_key_value.weight"))
        add("attention.query_key_value", dw, db)
        dx, dw, db = normalize_backward(dnorm, w("input_layernorm.weight"), s["saved1"])
        add("input_layernorm", dw, db)
        return dy + dbefore + dx

    def backward(self, tokens, run, probabilities, scale, gradients):
        """Adds the gradient of scale · Σ token losses to {name: gradient}."""
        dlogits = np.zeros_like(run["logits"])
        dlogits[:, :-1] = probabilities
        sequence, position = np.indices(tokens[:, 1:].shape)
        dlogits[sequence, position, tokens[:, 1:]] -= 1
        dlogits *= scale
        out = self.weights["embed_out.weight"]
        gradients["embed_out.weight"] += outer(dlogits, run["final"])
        dx, dw, db = normalize_backward(
            dlogits @ out, self.weights["gpt_neox.final_layer_norm.weight"], run["saved_final"])
        gradients["gpt_neox.final_layer_norm.weight"] += dw
        gradients["gpt_neox.final_layer_norm.bias"] += db
        for index in reversed(range(self.layers)):
            dx = self.block_backward(index, dx, run["blocks"][index], gradients)
        np.add.at(gradients["gpt_neox.embed_in.weight"], tokens, dx)

    # Over a whole probe

    def observe(self, tokens, batch=8, gradients=True):
        """(loss, [per layer {name: [n, l, d]}], {name: gradient}) of the mean next-token loss."""
        targets = tokens.shape[0] * (tokens.shape[1] - 1)
        sums = {name: np.zeros_like(array) for name, array in self.weights.items()}
        total, parts = 0.0, []
        for start in range(0, len(tokens), batch):
            some = tokens[start : start + batch]
            run = self.forward(some)
            losses, probabilities = self.token_losses(run["logits"], some)
            total += losses.sum()
            parts.append([self.activations(s, i) for i, s in enumerate(run["blocks"])])
            if gradients:
                self.backward(some, run, probabilities, 1 / targets, sums)
        joined = [
            {
                name: np.concatenate([part[i][name] for part in parts],
                                     axis=1 if name.endswith("heads") else 0)
                for name in parts[0][i]
            }
            for i in range(self.layers)
        ]
        return total / targets, joined, sums if gradients else None
