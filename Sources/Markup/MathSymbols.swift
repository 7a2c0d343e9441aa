/// The commands of TeX that ``MathML`` knows, with what they come to.
enum MathSymbols {
  /// Letters: `<mi>`.
  static let identifiers: [String: String] = [
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "ell": "ℓ", "infty": "∞", "emptyset": "∅", "hbar": "ℏ", "varnothing": "∅",
    "vartheta": "ϑ", "varrho": "ϱ", "varsigma": "ς", "varpi": "ϖ", "Re": "ℜ", "Im": "ℑ",
    "aleph": "ℵ", "imath": "ı", "jmath": "ȷ", "wp": "℘", "square": "□", "Box": "□",
    "blacksquare": "■", "triangle": "△",
  ]

  /// Named functions: upright, with a thin space before a bare argument.
  static let functions: Set<String> = [
    "exp", "ln", "log", "lg", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh",
    "arcsin", "arccos", "arctan", "arg", "dim", "rank", "sgn", "tr", "diag", "var", "cov", "deg",
    "ker", "hom",
  ]

  /// Named functions whose subscript stands below in a displayed formula.
  static let limits: [String: String] = [
    "min": "min", "max": "max", "lim": "lim", "sup": "sup", "inf": "inf", "argmin": "argmin",
    "argmax": "argmax", "limsup": "lim sup", "liminf": "lim inf", "det": "det", "gcd": "gcd",
    "Pr": "Pr",
  ]

  static let largeOperators: [String: String] = [
    "sum": "∑", "prod": "∏", "int": "∫", "bigcup": "⋃", "bigcap": "⋂", "coprod": "∐",
    "bigoplus": "⨁", "bigotimes": "⨂", "bigvee": "⋁", "bigwedge": "⋀", "iint": "∬", "oint": "∮",
  ]

  static let operators: [String: String] = [
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈",
    "sim": "∼", "propto": "∝", "equiv": "≡", "cdot": "⋅", "times": "×", "div": "÷", "pm": "±",
    "mp": "∓", "to": "→", "rightarrow": "→", "leftarrow": "←", "mapsto": "↦", "in": "∈",
    "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "setminus": "∖",
    "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "odot": "⊙", "otimes": "⊗",
    "oplus": "⊕", "circ": "∘", "ast": "∗", "star": "⋆", "top": "⊤", "perp": "⊥", "mid": "∣",
    "ldots": "…", "dots": "…", "cdots": "⋯", "ll": "≪", "gg": "≫", "colon": ":", "%": "%",
    "#": "#", "&": "&", "_": "_", "$": "$", "prime": "′", "Rightarrow": "⇒", "Leftarrow": "⇐",
    "Leftrightarrow": "⇔", "leftrightarrow": "↔", "implies": "⟹", "iff": "⟺",
    "longrightarrow": "⟶", "hookrightarrow": "↪", "uparrow": "↑", "downarrow": "↓", "wedge": "∧",
    "land": "∧", "vee": "∨", "lor": "∨", "neg": "¬", "lnot": "¬", "simeq": "≃", "cong": "≅",
    "asymp": "≍", "approxeq": "≊", "lesssim": "≲", "gtrsim": "≳", "leqslant": "⩽", "geqslant": "⩾",
    "prec": "≺", "succ": "≻", "preceq": "⪯", "succeq": "⪰", "supset": "⊃", "supseteq": "⊇",
    "ni": "∋", "parallel": "∥", "nmid": "∤", "bullet": "∙", "dagger": "†", "coloneqq": "≔",
    "triangleq": "≜", "doteq": "≐", "therefore": "∴", "because": "∵", "backslash": "∖",
    "vdots": "⋮", "ddots": "⋱", "intercal": "⊺", "models": "⊨", "vdash": "⊢", "lt": "<", "gt": ">",
    "bmod": "mod",
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
    "vec": "→", "dot": "˙", "ddot": "¨", "check": "ˇ", "breve": "˘", "acute": "´", "grave": "`",
    "mathring": "˚", "overrightarrow": "→", "overleftarrow": "←",
  ]

  /// What grows above or below what it belongs to, and whether a script of it is its label.
  static let braces: [String: (text: String, isAbove: Bool, isLabelled: Bool)] = [
    "underbrace": ("⏟", false, true), "overbrace": ("⏞", true, true),
    "underline": ("_", false, false),
  ]

  /// How large a delimiter is set, left, right or in the middle.
  static let sizes: [String: String] = {
    var sizes: [String: String] = [:]
    for (name, size) in [("big", "1.2em"), ("Big", "1.8em"), ("bigg", "2.4em"), ("Bigg", "3em")] {
      for side in ["", "l", "r", "m"] { sizes[name + side] = size }
    }
    return sizes
  }()

  /// Spaces, in em.
  static let spaces: [String: String] = [
    ",": "0.167em", ":": "0.222em", ";": "0.278em", " ": "0.278em", "!": "-0.167em", "quad": "1em",
    "qquad": "2em",
  ]

  static let alphabets = Set(MathAlphabet.commands.keys)
    .union(["mathrm", "operatorname", "mathit", "mathsf", "boldsymbol", "textbf", "textit"])

  static let structures: Set<String> = [
    "frac", "tfrac", "dfrac", "sqrt", "text", "binom", "overset", "underset", "stackrel", "pmod",
    "Vert", "vert", "limits", "nolimits", "not",
  ]

  /// The known command most like `name`, if it is close.
  static func nearest(to name: String) -> String? {
    var all = Set(identifiers.keys).union(functions).union(limits.keys).union(largeOperators.keys)
    all.formUnion(operators.keys)
    all.formUnion(accents.keys)
    all.formUnion(braces.keys)
    all.formUnion(sizes.keys)
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
