"""Linear CKA and proportional effective rank in float64 numpy, each by its plainest formula."""

import numpy as np


def centred(x):
    return x - x.mean(0)


def unbiased_hsic(k, l):
    """Song et al. 2007, eq. 5, of two Gram matrices [n, n]; needs n ≥ 4."""
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    k_sums, l_sums = k.sum(0), l.sum(0)
    cross = k_sums.sum() * l_sums.sum() / ((n - 1) * (n - 2)) - 2 * (k_sums @ l_sums) / (n - 2)
    return ((k * l).sum() + cross) / (n * (n - 3))


def cka_gram(x, y):
    """{biased, debiased} linear CKA of x [n, p], y [n, q] through the Gram matrices."""
    x, y = centred(x), centred(y)
    k, l = x @ x.T, y @ y.T
    biased = (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())
    own = np.sqrt(unbiased_hsic(k, k) * unbiased_hsic(l, l))
    return {"biased": float(biased), "debiased": float(unbiased_hsic(k, l) / own)}


def cka_features(x, y):
    """The same in feature space, for many rows: no [n, n] matrix is formed."""
    x, y = centred(x), centred(y)
    n, x_norms, y_norms = len(x), (x * x).sum(1), (y * y).sum(1)

    def hsic(a, b, a_norms, b_norms):
        # Rows of a centred Gram matrix sum to 0; without the diagonal to -a_norms.
        full, diagonal = ((a.T @ b) ** 2).sum(), a_norms @ b_norms
        cross = a_norms.sum() * b_norms.sum() / ((n - 1) * (n - 2)) - 2 * diagonal / (n - 2)
        return full, (full - diagonal + cross) / (n * (n - 3))

    xy = hsic(x, y, x_norms, y_norms)
    xx = hsic(x, x, x_norms, x_norms)
    yy = hsic(y, y, y_norms, y_norms)
    biased, debiased = (xy[i] / np.sqrt(xx[i] * yy[i]) for i in (0, 1))
    return {"biased": float(biased), "debiased": float(debiased)}


def per(matrix, k):
    """Proportional effective rank over the first k singular values (normalised after the cut)."""
    values = np.linalg.svd(matrix, compute_uv=False)[:k]
    p = values / values.sum()
    p = p[p > 0]  # 0 · ln 0 = 0
    return float(np.exp(-(p * np.log(p)).sum()) / k)


def value_rows(fused, heads, layout):
    """[heads, d_h, d]: the value rows of the fused projection, by the model's or the paper's code's layout."""
    d = fused.shape[1]
    if layout == "interleaved":
        return fused.reshape(heads, 3, d // heads, d)[:, 2]
    return fused[2 * d :].reshape(heads, d // heads, d)


def ov_products(output, fused, heads, layout, d_output=None, d_fused=None):
    """Each head's W_O[:, h] W_V[h, :], [heads, d, d]; with gradients its first-order change."""
    d = len(output)
    by_head = lambda w: w.reshape(d, heads, d // heads).transpose(1, 0, 2)
    value = value_rows(fused, heads, layout)
    if d_output is None:
        return by_head(output) @ value
    return by_head(d_output) @ value + by_head(output) @ value_rows(d_fused, heads, layout)


def per_of_layer(weights, gradients, layer, heads):
    """{weights: …, gradients: …} of one layer, with the keys of the golden files."""
    prefix = f"gpt_neox.layers.{layer}."
    names = ["mlp.dense_4h_to_h", "attention.dense", "attention.query_key_value"]
    down, output, fused = (weights[f"{prefix}{name}.weight"] for name in names)
    d_down, d_output, d_fused = (gradients[f"{prefix}{name}.weight"] for name in names)
    d, head_dim = len(output), len(output) // heads
    of_weights, of_gradients = (
        {"mlp": per(m, min(m.shape)), "mlp_published": per(m, head_dim)} for m in (down, d_down)
    )
    for key, layout in (("ov", "interleaved"), ("legacy_ov", "thirds")):
        products = ov_products(output, fused, heads, layout)
        changes = ov_products(output, fused, heads, layout, d_output, d_fused)
        of_weights[key] = per(products.sum(0), d)
        of_weights[key + "_heads"] = [per(m, head_dim) for m in products]
        of_gradients[key] = per(changes.sum(0), d)
        of_gradients[key + "_heads"] = [per(m, min(2 * head_dim, d)) for m in changes]
        of_gradients[key + "_heads_published"] = [per(m, head_dim) for m in changes]
    return {"weights": of_weights, "gradients": of_gradients}
