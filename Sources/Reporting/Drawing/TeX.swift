import Foundation
import Plotting

/// What a paper needs beside the PDF: a figure environment with caption, alternative text and label.
enum TeX {
  /// The characters of TeX itself made literal, and those outside its usual fonts spelled out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      result += word(scalar) ?? code(scalar)
    }
    return result
  }

  /// A character as every LaTeX sets it; nil where its usual fonts have none: a name in another script.
  private static func word(_ scalar: Unicode.Scalar) -> String? {
    if let word = literal[scalar] ?? text[scalar] ?? plainLetters[scalar] { return word }
    if let sign = mathematics[scalar] ?? greek[scalar] { return "\\ensuremath{\(sign)}" }
    switch scalar {
    case " "..."~", "\u{C0}"..."\u{17F}": return String(scalar)
    case "₀"..."₉": return "\\ensuremath{_{\(scalar.value - 0x2080)}}"
    case "⁰", "⁴"..."⁹": return "\\ensuremath{^{\(scalar.value - 0x2070)}}"
    default: break
    }
    // An accent on a Greek letter goes, the letter stays.
    let base = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.first
    return base.flatMap { greek[$0] }.map { "\\ensuremath{\($0)}" }
  }

  private static func code(_ scalar: Unicode.Scalar) -> String {
    "[U+" + String(scalar.value, radix: 16, uppercase: true) + "]"
  }

  /// A comment on what ``escaped(_:)`` shows by its code, so that a paper in an engine that has the characters can
  /// write them; empty where nothing is.
  private static func codesComment(_ text: String) -> String {
    var spelled: [Unicode.Scalar] = []
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars
    where !spelled.contains(scalar) && word(scalar) == nil {
      spelled.append(scalar)
    }
    guard !spelled.isEmpty else { return "" }
    let codes = spelled.map { scalar in
      // A terminal would obey some of them.
      [.control, .format].contains(scalar.properties.generalCategory)
        ? code(scalar) : "\(code(scalar)) for \(singleComment(String(scalar)))"
    }.joined(separator: ", ")
    return """

      % The fonts of pdfLaTeX lack characters that stand here by their codes: \(codes).
      % With LuaLaTeX or XeLaTeX and a font that has them, write the characters themselves.
      """
  }

  /// A `figure` environment; `spansColumns` makes it `figure*`. `more` are the files of further parts, each in an
  /// environment of its own under the same number. `other` is the file of the same figure at the venue's other width;
  /// `caption` replaces the figure's own.
  static func figure(
    _ figure: ReportFigure, path: String, more: [String] = [], caption: String? = nil,
    spansColumns: Bool = false, other: String? = nil
  ) -> String {
    let name = spansColumns ? "figure*" : "figure"
    let note = other.map {
      "\n% At the other width, in \(spansColumns ? "figure" : "figure*"): \($0)"
    }
    let words = caption ?? figure.caption
    let first = """
      % \(singleComment(figure.title))\(note ?? "")\(codesComment(figure.alt + words))
      \\begin{\(name)}[tbp]
        \\centering
        \\includegraphics[alt={\(escaped(figure.alt))}]{\(path)}
        \\caption{\(escaped(words))}
        \\label{fig:\(figure.id)}
      \\end{\(name)}

      """
    return first
      + more.enumerated().map { place, path in
        let part = "part \(place + 2) of \(more.count + 1)"
        return """

          \\begin{\(name)}[tbp]
            \\centering
            \\includegraphics[alt={\(escaped("\(figure.alt) This is \(part)."))}]{\(path)}
            \\addtocounter{figure}{-1}
            \\caption{\(escaped("\(figure.title), \(part)."))}
            \\label{fig:\(figure.id)-part\(place + 2)}
          \\end{\(name)}

          """
      }.joined()
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
