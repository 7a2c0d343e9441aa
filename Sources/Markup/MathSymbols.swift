/// The commands of TeX that ``MathML`` knows, with what they come to.
enum MathSymbols {
  /// Letters: `<mi>`.
  static let identifiers: [String: String] = [
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "ell": "ℓ", "infty": "∞", "emptyset": "∅", "hbar": "ℏ",
  ]

  /// Named functions: upright, with a thin space before a bare argument.
  static let functions: Set<String> = [
    "exp", "ln", "log", "sin", "cos", "tan", "tanh", "arg", "det", "dim", "rank", "sgn", "tr",
    "diag", "var", "cov",
  ]

  /// Named functions whose subscript stands below in a displayed formula.
  static let limits: Set<String> = ["min", "max", "lim", "sup", "inf", "argmin", "argmax"]

  static let largeOperators: [String: String] = [
    "sum": "∑", "prod": "∏", "int": "∫", "bigcup": "⋃", "bigcap": "⋂",
  ]

  static let operators: [String: String] = [
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈",
    "sim": "∼", "propto": "∝", "equiv": "≡", "cdot": "⋅", "times": "×", "div": "÷", "pm": "±",
    "mp": "∓", "to": "→", "rightarrow": "→", "leftarrow": "←", "mapsto": "↦", "in": "∈",
    "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "setminus": "∖",
    "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "odot": "⊙", "otimes": "⊗",
    "oplus": "⊕", "circ": "∘", "ast": "∗", "star": "⋆", "top": "⊤", "perp": "⊥", "mid": "∣",
    "ldots": "…", "dots": "…", "cdots": "⋯", "ll": "≪", "gg": "≫", "colon": ":", "%": "%",
    "#": "#", "&": "&", "_": "_", "$": "$",
  ]

  static let opening: [String: String] = [
    "{": "{", "lbrace": "{", "lbrack": "[", "lVert": "‖", "lvert": "|", "langle": "⟨",
    "lfloor": "⌊", "lceil": "⌈",
  ]

  static let closing: [String: String] = [
    "}": "}", "rbrace": "}", "rbrack": "]", "rVert": "‖", "rvert": "|", "rangle": "⟩",
    "rfloor": "⌋", "rceil": "⌉",
  ]

  /// Marks over a symbol.
  static let accents: [String: String] = [
    "tilde": "~", "widetilde": "~", "hat": "^", "widehat": "^", "bar": "¯", "overline": "¯",
    "vec": "→", "dot": "˙", "ddot": "¨",
  ]

  /// Spaces, in em.
  static let spaces: [String: String] = [
    ",": "0.167em", ":": "0.222em", ";": "0.278em", " ": "0.278em", "!": "-0.167em", "quad": "1em",
    "qquad": "2em",
  ]

  static let alphabets: Set<String> = ["mathrm", "operatorname", "mathbf", "mathit", "mathsf"]

  static let structures: Set<String> = ["frac", "tfrac", "dfrac", "sqrt", "text", "binom"]

  /// The known command most like `name`, if it is close.
  static func nearest(to name: String) -> String? {
    var all = Set(identifiers.keys).union(functions).union(limits).union(largeOperators.keys)
    all.formUnion(operators.keys)
    all.formUnion(accents.keys)
    all.formUnion(structures)
    all.formUnion(alphabets)
    let candidates = all.filter { $0.count > 1 }.map { ($0, distance($0, name)) }
    let best = candidates.min { ($0.1, $0.0) < ($1.1, $1.0) }
    guard let best, best.1 <= (name.count < 4 ? 1 : max(2, name.count / 3)) else { return nil }
    return "\\" + best.0
  }

  /// Levenshtein's distance; letters in another order count as one mistake.
  private static func distance(_ left: String, _ right: String) -> Int {
    if left != right, left.sorted() == right.sorted() { return 1 }
    let right = Array(right.prefix(40))
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
      var previous = row[0]
      row[0] = index + 1
      for column in right.indices {
        let substituted = previous + (right[column] == character ? 0 : 1)
        previous = row[column + 1]
        row[column + 1] = min(substituted, row[column] + 1, previous + 1)
      }
    }
    return row[right.count]
  }
}
