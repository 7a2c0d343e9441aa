import Markup

/// Finished pages, kept with everything that went into them: where that is the same again, the page
/// is not made again.
package struct PageCache: Sendable {
  /// All that a page's bytes depend on. Compared as a whole, so that nothing can be stale.
  struct Inputs: Sendable, Hashable {
    var page: SitePage
    var surroundings: Navigation.Surroundings
    var language: String
    var siteTitle: String
    var siteDescription: String
    var footer: HTML
    var shortcuts: [Navigation.Surroundings.Entry]
    var url: String?
    var previewImage: SitePath?
    var previewAlt: String?
    var theme: String
  }

  var entries: [SitePath: (inputs: Inputs, scan: PageScanner)] = [:]

  package init() {}
}
