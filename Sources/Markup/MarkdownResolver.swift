/// What a page's surroundings know and Markdown does not: where links go, what figures are, what
/// numbers come to.
package struct MarkdownResolver: Sendable {
  package enum Answer<Value: Sendable>: Sendable {
    case found(Value)
    /// Leave the mark away and keep its text.
    case dropped
    /// A mistake of the page; the reason names what would be right.
    case unknown(reason: String)
  }

  /// The address that stands in `href` for a destination as written. It is escaped on output.
  package var link: @Sendable (_ destination: String) -> Answer<String>
  /// The element for an image in a line of text. `text` is what it shows, never empty.
  package var image: @Sendable (_ destination: String, _ text: String) -> Answer<HTML>
  /// The block for a destination such as `figure:ID` or `table:ID` that stands alone in a
  /// paragraph; `text` may be empty.
  package var block: @Sendable (_ destination: String, _ text: String) -> Answer<HTML>
  /// The value for `{{name}}` in a text; dropped shows it as written.
  package var value: @Sendable (_ name: String) -> Answer<HTML>

  package init(
    link: @escaping @Sendable (_ destination: String) -> Answer<String>,
    image: @escaping @Sendable (_ destination: String, _ text: String) -> Answer<HTML>,
    block: @escaping @Sendable (_ destination: String, _ text: String) -> Answer<HTML>,
    value: @escaping @Sendable (_ name: String) -> Answer<HTML>
  ) {
    self.link = link
    self.image = image
    self.block = block
    self.value = value
  }

  /// Schemes of images that make a block of their own.
  package static let blockSchemes: Set<String> = ["figure", "table"]

  /// Safe links pass, the others keep their text alone; there are no images, and values are text.
  package static let plain = MarkdownResolver(
    link: { LinkDestination.safe($0).map { .found($0) } ?? .dropped },
    image: { _, _ in .unknown(reason: "images have no place here") },
    block: { _, _ in .unknown(reason: "figures and tables have no place here") },
    value: { _ in .dropped })
}
