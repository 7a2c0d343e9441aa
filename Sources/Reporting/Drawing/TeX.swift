import Foundation
import Plotting

/// What a paper needs beside the PDF: a figure environment with caption, alternative text and label.
enum TeX {
  private static let plainLetters: [Unicode.Scalar: String] = [
    "Ą": "A", "ą": "a", "Ę": "E", "ę": "e", "Į": "I", "į": "i", "Ų": "U", "ų": "u", "Đ": "D",
    "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "Ħ": "H", "ħ": "h", "ĸ": "k", "Ŀ": "L",
    "ŀ": "l", "ŉ": "'n", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "ſ": "s", "÷": "/",
  ]

  /// The characters of TeX itself made literal, and those outside its usual fonts spelled out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar {
      case "\\": result += "\\textbackslash{}"
      case "{": result += "\\{"
      case "}": result += "\\}"
      case "$", "&", "#", "%", "_": result += "\\" + String(scalar)
      case "^": result += "\\textasciicircum{}"
      case "~": result += "\\textasciitilde{}"
      case "<": result += "\\textless{}"
      case ">": result += "\\textgreater{}"
      case "\"": result += "''"
      case "\u{2212}": result += "\\ensuremath{-}"
      case "\u{202F}": result += "\\,"
      case "\u{00A0}": result += "~"
      case "ρ": result += "\\ensuremath{\\rho}"
      case "σ": result += "\\ensuremath{\\sigma}"
      case "α": result += "\\ensuremath{\\alpha}"
      case "τ": result += "\\ensuremath{\\tau}"
      case "≤": result += "\\ensuremath{\\leq}"
      case "≥": result += "\\ensuremath{\\geq}"
      case "≈": result += "\\ensuremath{\\approx}"
      case "·": result += "\\ensuremath{\\cdot}"
      case "×": result += "\\ensuremath{\\times}"
      case "₀"..."₉":
        result += "\\ensuremath{_{\(scalar.value - 0x2080)}}"
      case "⁻": result += "\\ensuremath{^-}"
      case "⁴": result += "\\ensuremath{^4}"
      case "²": result += "\\ensuremath{^2}"
      case "–": result += "--"
      case "—": result += "---"
      case "’": result += "'"
      case "…": result += "\\dots{}"
      case " "..."~": result.unicodeScalars.append(scalar)
      // Letters that stop a paper in TeX's first encoding, OT1: the nearest that do not.
      case _ where plainLetters[scalar] != nil: result += plainLetters[scalar] ?? ""
      case "\u{C0}"..."\u{17F}": result.unicodeScalars.append(scalar)
      case "\n", "\t": result += " "
      // Anything else would stop pdfLaTeX: a name in another script is shown by its code.
      default: result += code(scalar)
      }
    }
    return result
  }

  private static func code(_ scalar: Unicode.Scalar) -> String {
    "[U+" + String(scalar.value, radix: 16, uppercase: true) + "]"
  }

  /// A comment on what ``escaped(_:)`` shows by its code, so that a paper in an engine that has the characters can
  /// write them; empty where nothing is.
  private static func codesComment(_ text: String) -> String {
    var spelled: [Unicode.Scalar] = []
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars
    where !spelled.contains(scalar) && escaped(String(scalar)) == code(scalar) {
      spelled.append(scalar)
    }
    guard !spelled.isEmpty else { return "" }
    let codes = spelled.map { "\(code($0)) for \(singleComment(String($0)))" }.joined(
      separator: ", ")
    return """

      % The fonts of pdfLaTeX lack characters that stand here by their codes: \(codes).
      % With LuaLaTeX or XeLaTeX and a font that has them, write the characters themselves.
      """
  }

  /// A `figure` environment; `spansColumns` makes it `figure*`. `other` is the file of the same
  /// figure at the venue's other width; `caption` replaces the figure's own.
  static func figure(
    _ figure: ReportFigure, path: String, caption: String? = nil, spansColumns: Bool = false,
    other: String? = nil
  ) -> String {
    let name = spansColumns ? "figure*" : "figure"
    let note = other.map {
      "\n% At the other width, in \(spansColumns ? "figure" : "figure*"): \($0)"
    }
    return """
      % \(singleComment(figure.title))\(note ?? "")\(codesComment(figure.alt + (caption ?? figure.caption)))
      \\begin{\(name)}[tb]
        \\centering
        \\includegraphics[alt={\(escaped(figure.alt))}]{\(path)}
        \\caption{\(escaped(caption ?? figure.caption))}
        \\label{fig:\(figure.id)}
      \\end{\(name)}

      """
  }

  private static func singleComment(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}

extension TeX {
  /// An address inside `\url{…}`: braces, backslashes and percent signs cannot stand there.
  static func address(_ address: String) -> String {
    String(
      address.unicodeScalars.filter {
        $0.isASCII && !["{", "}", "\\", "%", "#", " "].contains($0)
      }.map(Character.init))
  }
}

extension TeX {
  /// What stands before the figures of a paper.
  static func preamble(bibliography: String) -> String {
    """
    % Figures made by tend, each at its final width: include them without width= or scale=.
    % In the preamble:
    %   \\usepackage{graphicx}
    %   \\graphicspath{{PATH/TO/THIS/FOLDER/}}
    % and in the text, all of them or one environment copied from here:
    %   \\input{PATH/TO/THIS/FOLDER/figures}
    %   \\bibliography{PATH/TO/THIS/FOLDER/\(bibliography)}
    % The key alt= needs a LaTeX of 2021 or later; older ones pass over it after:
    %   \\makeatletter\\define@key{Gin}{alt}{}\\makeatother

    """
  }
}
