extension TeX {
  /// What TeX itself reads, made literal.
  static let literal: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "\"": "''", "\n": " ", "\t": " ",
  ]

  /// Punctuation and signs of text, in what every LaTeX has: OT1, no package.
  static let text: [Unicode.Scalar: String] = [
    "\u{A0}": "~", "\u{202F}": "\\,", "\u{2002}": " ", "\u{2003}": " ", "\u{2007}": "~",
    "\u{2009}": "\\,", "\u{200A}": "\\,", "‐": "-", "‑": "-", "–": "--", "—": "---",
    "…": "\\dots{}",
    "‘": "`", "’": "'", "‚": ",", "“": "``", "”": "''", "„": ",,", "¡": "!`", "¿": "?`",
    "§": "\\S{}", "¶": "\\P{}", "†": "\\dag{}", "‡": "\\ddag{}", "•": "\\textbullet{}",
    "©": "\\copyright{}", "®": "\\textregistered{}", "£": "\\pounds{}", "¢": "c", "¥": "Y",
    "€": "EUR", "№": "No.", "ª": "\\textsuperscript{a}", "º": "\\textsuperscript{o}", "¼": "1/4",
    "½": "1/2", "¾": "3/4", "¦": "\\textbar{}", "¨": "\\\"{}", "¯": "\\={}", "´": "\\'{}",
    "¸": "\\c{}", "÷": "/",
  ]

  /// Signs of mathematics, for `\ensuremath`; Greek letters stand in ``greek``.
  static let mathematics: [Unicode.Scalar: String] = [
    "\u{2212}": "-", "±": "\\pm", "×": "\\times", "·": "\\cdot", "≤": "\\leq", "≥": "\\geq",
    "≈": "\\approx", "≠": "\\neq", "¬": "\\neg", "∂": "\\partial", "∆": "\\Delta", "∑": "\\sum",
    "∏": "\\prod", "√": "\\surd", "∞": "\\infty", "∫": "\\int", "ℓ": "\\ell", "‖": "\\|",
    "←": "\\leftarrow", "↑": "\\uparrow", "→": "\\rightarrow", "↓": "\\downarrow", "°": "^\\circ",
    "′": "'", "″": "''", "‰": "^0/_{00}", "«": "\\ll", "»": "\\gg", "‹": "<", "›": ">",
    "µ": "\\mu", "ƒ": "f", "⁺": "^+", "⁻": "^-", "₊": "_+", "₋": "_-", "¹": "^1", "²": "^2",
    "³": "^3",
  ]

  /// Greek letters, for `\ensuremath`: those that look Latin have no command of their own.
  static let greek: [Unicode.Scalar: String] = [
    "Α": "A", "Β": "B", "Γ": "\\Gamma", "Δ": "\\Delta", "Ε": "E", "Ζ": "Z", "Η": "H",
    "Θ": "\\Theta", "Ι": "I", "Κ": "K", "Λ": "\\Lambda", "Μ": "M", "Ν": "N", "Ξ": "\\Xi",
    "Ο": "O", "Π": "\\Pi", "Ρ": "P", "Σ": "\\Sigma", "Τ": "T", "Υ": "\\Upsilon", "Φ": "\\Phi",
    "Χ": "X", "Ψ": "\\Psi", "Ω": "\\Omega", "α": "\\alpha", "β": "\\beta", "γ": "\\gamma",
    "δ": "\\delta", "ε": "\\varepsilon", "ζ": "\\zeta", "η": "\\eta", "θ": "\\theta",
    "ι": "\\iota", "κ": "\\kappa", "λ": "\\lambda", "μ": "\\mu", "ν": "\\nu", "ξ": "\\xi",
    "ο": "o", "π": "\\pi", "ρ": "\\rho", "ς": "\\varsigma", "σ": "\\sigma", "τ": "\\tau",
    "υ": "\\upsilon", "φ": "\\varphi", "χ": "\\chi", "ψ": "\\psi", "ω": "\\omega",
  ]

  /// Letters that stop a paper in TeX's first encoding, OT1: the nearest that do not.
  static let plainLetters: [Unicode.Scalar: String] = [
    "Ą": "A", "ą": "a", "Ę": "E", "ę": "e", "Į": "I", "į": "i", "Ų": "U", "ų": "u", "Đ": "D",
    "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "Ħ": "H", "ħ": "h", "ĸ": "k", "Ŀ": "L",
    "ŀ": "l", "ŉ": "'n", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ſ": "s", "Ș": "S", "ș": "s",
    "Ț": "T", "ț": "t", "ẞ": "SS",
  ]
}
