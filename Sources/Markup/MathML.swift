/// Formulas as MathML Core, from the part of TeX that prose and the methods page need.
///
/// Letters, numbers, operators, Greek, `\frac`, `\sqrt[n]{}`, scripts and primes, `\sum` and other
/// large operators with limits, named functions, accents, `\text`, `\mathrm` and its kin,
/// `\left … \right`, and the environments `aligned`, `cases` and `matrix`. Each pair of brackets
/// becomes an `<mrow>` of its own, so that it grows with its own contents alone. Deterministic, no
/// network, no script.
package enum MathML {
  /// Characters that a formula may have.
  static let longest = 4000
  static let deepest = 40

  /// `tex` on a line of its own.
  package static func display(_ tex: String) throws(MathError) -> HTML {
    let content = try content(of: tex, display: true)
    return HTML(trusted: "<math display=\"block\"><mrow>\(content)</mrow></math>")
  }

  /// `tex` in a line of text.
  package static func inline(_ tex: String) throws(MathError) -> HTML {
    let content = try content(of: tex, display: false)
    return HTML(trusted: "<math><mrow>\(content)</mrow></math>")
  }

  private static func content(of tex: String, display: Bool) throws(MathError) -> String {
    guard tex.unicodeScalars.count <= longest else {
      throw MathError(position: longest, problem: .tooLong(limit: longest))
    }
    var parser = MathParser(tex, display: display)
    return try parser.parse()
  }
}
