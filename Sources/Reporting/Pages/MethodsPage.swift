import Dynamics
import Markup
import Publishing

/// What is computed and exactly how: formulas with a plain form beside them.
struct MethodsPage {
  let context: PageContext

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(
      "What is computed, and exactly how. Where the published code of the paper differs from its text, both are named and the correct one is the default."
    )
    captured(&body)
    try similarity(&body)
    try rank(&body)
    try convergence(&body)
    statistics(&body)
    claims(&body)
    audit(&body)
    sources(&body)
    return SitePage(
      path: context.map.methods, title: "Methods",
      description: "Definitions of every number in this report.", section: "Reference",
      parents: [context.map.overview], body: body)
  }

  private func captured(_ body: inout PageBody) {
    body.section("What is captured", id: "captured", short: "Captured")
    body.paragraph(
      "Every checkpoint sees the same probe, a fixed batch of n token sequences. d is the hidden size, H the number of heads, d<sub>h</sub> = d / H."
    )
    body.table(
      TableBlock(
        columns: [
          Column("Component", .text), Column("Activation", .wide), Column("Matrix", .wide),
        ],
        rows: [
          [
            .code("mlp"), .text("output of the MLP's down projection, bias included"),
            .text("the down projection, d × 4d"),
          ],
          [
            .code("ov"),
            .text(
              "value of the position itself, without attention's mixing, times the output projection"
            ),
            .text("output times value projection: by head of rank at most d_h, or in full"),
          ],
          [
            .code("attention"),
            .text("real output of attention, after softmax mixing, bias included"),
            .none,
          ],
          [.code("residual"), .text("the block's output"), .none],
        ], label: "Components", sortable: false))
    body.paragraph(
      "Rows <code>last</code> are the last position of each sequence (n rows), <code>all</code> every position, <code>sample</code> positions drawn once. The query, key and value rows of GPT-NeoX are interleaved by head and are taken apart first. Gradients are of the mean next-token cross-entropy."
    )
  }

  private func similarity(_ body: inout PageBody) throws {
    body.section("Similarity to the final checkpoint", id: "similarity", short: "Similarity")
    body.paragraph(
      "X and Y hold the activations of one layer at two checkpoints, one row a sequence; columns are centred first."
    )
    body.formula(
      try MathML.display(
        #"\mathrm{CKA}(X, Y) = \frac{\| Y^\top X \|_F^2}{\| X^\top X \|_F \, \| Y^\top Y \|_F}"#),
      plain: "CKA(X, Y) = ||Y'X||^2 / (||X'X|| ||Y'Y||), Frobenius norms",
      note: "Kornblith et al. 2019. Biased: with n &lt; d two unrelated matrices score high.")
    body.formula(
      try MathML.display(
        #"\mathrm{HSIC}_1(K, L) = \frac{1}{n(n-3)} \left( \mathrm{tr}(\tilde K \tilde L) + \frac{\mathbf{1}^\top \tilde K \mathbf{1} \, \mathbf{1}^\top \tilde L \mathbf{1}}{(n-1)(n-2)} - \frac{2}{n-2} \mathbf{1}^\top \tilde K \tilde L \mathbf{1} \right)"#
      ),
      plain:
        "HSIC1(K, L) = (tr(KL) + (1'K1)(1'L1) / ((n-1)(n-2)) - 2/(n-2) 1'KL1) / (n(n-3)), diagonals of the Gram matrices K = XX' and L = YY' set to 0",
      note:
        "Song et al. 2007. Computed as the U-centred inner product (Székely and Rizzo 2014), which is the same number and never gives a negative self-similarity."
    )
    body.formula(
      try MathML.display(
        #"\mathrm{CKA}_d(X, Y) = \frac{\mathrm{HSIC}_1(K, L)}{\sqrt{\mathrm{HSIC}_1(K, K) \, \mathrm{HSIC}_1(L, L)}}"#
      ),
      plain: "CKA_d = HSIC1(K, L) / sqrt(HSIC1(K, K) HSIC1(L, L))",
      note:
        "Debiased CKA, the headline measure. Unrelated activations average 0, so single values may be negative."
    )
    body.list([
      "<b>Level of chance.</b> The 95\u{202F}% quantile of the value with whole sequences re-paired at random, 1,000 seeded permutations: the grey band.",
      "<b>Interval.</b> 200 random halves of the sequences without replacement, the same halves at every checkpoint: the estimate plus the 2.5 and 97.5\u{202F}% quantiles of each half's deviation from the halves' mean. Never a bootstrap with duplicates, which acts like the diagonal that the debiased estimator removes.",
      "<b>Other measures.</b> RBF CKA, SVCCA, PWCCA, Procrustes, RSA, mean cosine, neighbour overlap; in each of them 1 means identical.",
      "A value that is not defined is a gap with a reason, never a number.",
    ])
  }

  private func rank(_ body: inout PageBody) throws {
    body.section("Rank of weights and gradients", id: "rank", short: "Rank")
    body.paragraph(
      "A matrix has singular values σ₁ ≥ … ≥ σ<sub>k</sub>; p<sub>i</sub> is σ<sub>i</sub> over their sum."
    )
    body.formula(
      try MathML.display(
        #"\mathrm{ER} = \exp \left( - \sum_{i=1}^{k} p_i \ln p_i \right), \qquad \mathrm{PER} = \frac{\mathrm{ER}}{k}"#
      ),
      plain: "ER = exp(-sum p_i ln p_i), PER = ER / k, with 0 ln 0 = 0",
      note: "Roy and Vetterli 2007.")
    body.paragraph(
      "k is min(rows, columns) for the MLP, d<sub>h</sub> for OV by head, min(2 d<sub>h</sub>, d) for its gradient and d for the full OV. A layer's OV value is the mean over its heads at each checkpoint."
    )
  }

  private func convergence(_ body: inout PageBody) throws {
    body.section("Convergence of a layer", id: "settling", short: "Convergence")
    body.paragraph(
      "c(t) is the layer's similarity to the final checkpoint at step t, u = t / T the share of training. The final checkpoint itself, 1 by construction, is left out of every statistic."
    )
    body.formula(
      try MathML.display(
        #"\mathrm{settling}(q) = \min \{ u(t_i) : c(t_j) \geq q \text{ for all } j \geq i \}"#),
      plain: "settling(q) = the smallest u(t_i) such that c(t_j) >= q for every j >= i",
      note: "q = 0.9. A layer that is below q at the last checkpoint never settles and ranks last.")
    body.formula(
      try MathML.display(
        #"\mathrm{monotonicity} = 1 - \frac{\sum_i \max(0, c(t_i) - c(t_{i+1}))}{\sum_i |c(t_{i+1}) - c(t_i)|}"#
      ),
      plain: "monotonicity = 1 - (sum of decreases) / (sum of absolute changes)",
      note: "Instability is the sum of decreases alone.")
    body.list([
      "<b>at(0.2)</b>: c at 20\u{202F}% of training, linear in u between neighbours.",
      "<b>area</b>: trapezoid area under c over u, divided by the width; <b>area, log steps</b> the same over log₂(1 + t).",
      "<b>ρ with the step</b>: Spearman's ρ of c with t. <b>Spread of changes</b>: the standard deviation of the changes between neighbours.",
      "<b>PER, mean</b>: the same average of PER, the final checkpoint included.",
      "<b>Intervals</b>, where the study has the halves of the sequences: the measure is taken of every half's curve; of settling the plain quantiles stand, a half that never settles above all others.",
      "<b>Windows</b>: all checkpoints; late, from the last one with u ≤ 0.01 on, or from the step that the study names (<code>late_from</code>); and both on the checkpoints that all runs share.",
      "Learning-rate decay alone makes every run settle near the end.",
    ])
    if !context.study.input.analysis.windows.isEmpty {
      body.subsection("The windows of this study", id: "windows")
      body.table(
        TableBlock(
          columns: [
            Column("Window", .text), Column("Checkpoints"), Column("From step"),
            Column("To step"), Column("Runs", .wide),
          ],
          rows: windows.map { window, runs in
            [
              .text(MeasureWords.window(window.window)), .integer(window.steps.count),
              window.steps.first.map { .integer($0) } ?? .none,
              window.steps.last.map { .integer($0) } ?? .none,
              .text(runs.count == context.study.runs.count ? "all" : Words.list(runs)),
            ]
          }, label: "Windows"))
    }
  }

  /// The windows with the runs that have the same checkpoints in them.
  private var windows: [(window: WindowDescription, runs: [String])] {
    var groups: [(window: WindowDescription, runs: [String])] = []
    for window in context.study.input.analysis.windows {
      let place = groups.firstIndex {
        $0.window.window == window.window && $0.window.steps == window.steps
      }
      if let place {
        groups[place].runs.append(window.run)
      } else {
        groups.append((window, [window.run]))
      }
    }
    return groups
  }

  private func statistics(_ body: inout PageBody) {
    body.section("Associations", id: "associations")
    body.list([
      "A pair is a layer of a run with its convergence and its PER. Spearman, Kendall τ-b and Pearson stand side by side: pooled, within runs, and within runs given relative depth, since depth drives both.",
      "Runs are combined by random effects on Fisher's z (DerSimonian and Laird). From four usable runs on, interval and p are Hartung and Knapp's, over runs: layers of a run are no independent draws. A run in which depth alone orders one side has nothing left to correlate and counts as 0.",
      "With fewer runs, and for rows of one run or of all layers pooled, the interval is a bootstrap over layers and p a permutation within runs (2,000 and 9,999 draws); both are descriptive and decide nothing.",
      "What is paired: every measure of a similarity curve with the mean of PER over training, and with the layer's depth. The other summaries of PER (log-weighted mean, final value, variation, slope) are tabled for each layer and not tested.",
      "p is adjusted by Benjamini and Hochberg within its family: all rows combined over runs of one similarity, variant, rows, probe, window, method and scope. Every draw is seeded from the row's own key.",
      "The choice of pairs moves every q. Two others would do: all five summaries of PER, about three times as many tests, or only the pairs that the rules and the evidence of C3 and C4 name. The first counts alternatives that no question asks for, the second asks the reader to trust that nothing else was looked at. Where q can matter, the claim's page gives it under all three.",
    ])
  }

  private func claims(_ body: inout PageBody) {
    body.section("How claims are decided", id: "claims", short: "Claims")
    body.paragraph(
      "<b>Supported</b>: the 95\u{202F}% interval lies wholly on the claimed side of 0, and q ≤ .05 where there is one. <b>Contradicted</b>: wholly on the other side. Else <b>inconclusive</b>; before all <b>not enough data</b>, with what is needed. A claim of several cells is supported if all cells are, contradicted if none is supported and at least one is wholly opposite. The two are not alike: all cells have to support, so chance supports a claim in well under 5\u{202F}% of suites without an effect, but one opposite cell of four contradicts in about 10\u{202F}%. So each contradiction says whether it would stand with that error held to 5\u{202F}% over the claim's cells (q ≤ .05, or for trends intervals at 97.5\u{202F}%), and is called weak where it would not. For trends the unit is the size, not the layer: least squares on log₁₀ of the parameters, t interval on k − 2 degrees of freedom, at least four sizes."
    )
    let claims = context.study.headlineClaims
    if !claims.isEmpty {
      body.definitions(
        claims.map { claim in
          (
            term: Link(
              to: context.map.claim(claim.id.rawValue), ClaimWords.short(claim.id.rawValue)),
            meaning: "\(ClaimWords.statement(claim.id.rawValue)) <b>Rule.</b> \(claim.rule)"
          )
        })
    }
  }

  private func audit(_ body: inout PageBody) {
    body.section("Audit of the checkpoints", id: "audit", short: "Audit")
    body.paragraph(
      "Published suites contain branches that hold another step's weights. So the contents of all analysed matrices are hashed and compared, and the path of the weights is checked: the two steps around a checkpoint must not be much closer to each other than to it. An identical neighbour is collapsed; a step identical to a distant one or off the path is flagged and leaves every statistic unless the study keeps it."
    )
  }

  private func sources(_ body: inout PageBody) {
    body.section("Sources", id: "sources")
    body.list([
      "Diehl Martinez, Lesci and Buttery 2024, <i>Tending Towards Stability: Convergence Challenges in Small Language Models</i>, Findings of EMNLP (arXiv 2410.11451).",
      "Kornblith, Norouzi, Lee and Hinton 2019, <i>Similarity of Neural Network Representations Revisited</i>.",
      "Song, Smola, Gretton, Borgwardt and Bedo 2007, <i>Supervised Feature Selection via Dependence Estimation</i>; Székely and Rizzo 2014, <i>Partial Distance Correlation</i>.",
      "Murphy, Zylberberg and Fyshe 2024, <i>Correcting Biased Centered Kernel Alignment Measures</i>.",
      "Roy and Vetterli 2007, <i>The Effective Rank</i>; Elhage et al. 2021, <i>A Mathematical Framework for Transformer Circuits</i>.",
      "DerSimonian and Laird 1986; Hartung and Knapp 2001; Benjamini and Hochberg 1995; Shao and Wu 1989.",
    ])
  }
}
