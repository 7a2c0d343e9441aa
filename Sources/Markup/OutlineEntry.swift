/// A heading as the on-page outline lists it.
package struct OutlineEntry: Sendable, Hashable {
  /// 2 for a section, 3 for a part of it, down to 6.
  package let level: Int
  /// The id of the heading in the page.
  package let id: String
  /// Plain text.
  package let title: String

  package init(level: Int, id: String, title: String) {
    self.level = level
    self.id = id
    self.title = title
  }
}
