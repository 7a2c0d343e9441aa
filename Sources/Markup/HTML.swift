/// HTML that is safe to put into a page as it stands: the one type that passes unescaped.
///
/// A value comes about in three ways only. From a literal, whose text is part of this program and
/// whose interpolated strings are escaped: `let cell: HTML = "<td>\(name)</td>"`. From
/// ``init(escaping:)``, which makes any text inert. From ``init(trusted:)``, the named exception
/// for markup that another part of the program made and that no file or setting can influence.
///
/// Interpolated text is safe between tags and inside attribute values in *double* quotes. In an
/// attribute that holds an address, interpolate only what ``LinkDestination`` or a site path gives.
package struct HTML: Sendable, Hashable {
  /// The markup.
  package private(set) var source: String

  /// Nothing.
  package init() { source = "" }

  /// `source` as it stands. The caller vouches for it.
  package init(trusted source: String) { self.source = source }

  /// `text` with everything that means something in HTML escaped and control characters visible.
  package init(escaping text: String) { source = escapeHTML(text) }

  package var isEmpty: Bool { source.isEmpty }

  package mutating func append(_ other: HTML) { source += other.source }

  package static func + (left: HTML, right: HTML) -> HTML {
    HTML(trusted: left.source + right.source)
  }

  package static func += (left: inout HTML, right: HTML) { left.append(right) }
}

extension Sequence where Element == HTML {
  /// The parts one after the other, with `separator` between them.
  package func joined(separator: HTML = HTML()) -> HTML {
    var result = HTML()
    var first = true
    for part in self {
      if !first { result += separator }
      result += part
      first = false
    }
    return result
  }
}

extension HTML: ExpressibleByStringInterpolation {
  // StaticString: a string that is known only at run time cannot become HTML by way of a literal.
  package init(stringLiteral value: StaticString) { source = value.description }

  package init(stringInterpolation: Interpolation) { source = stringInterpolation.source }

  /// Literal text passes, strings are escaped, HTML passes.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      source.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: StaticString) {
      source += literal.description
    }

    package mutating func appendInterpolation(_ text: String) { source += escapeHTML(text) }

    package mutating func appendInterpolation(_ text: Substring) {
      source += escapeHTML(String(text))
    }

    package mutating func appendInterpolation(_ number: Int) { source += String(number) }

    package mutating func appendInterpolation(_ html: HTML) { source += html.source }

    package mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { source += part.source }
    }
  }
}
