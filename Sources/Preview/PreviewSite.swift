package import Publishing
import Synchronization

/// The site that a preview shows: the last one that could be built, and why a later one could not.
package final class PreviewSite: Sendable {
  private struct State {
    var site: BuiltSite?
    var mistake: String?
    var version = 1
  }

  private let state = Mutex(State())

  package init() {}

  /// From now on `site` is shown; open pages load again.
  package func show(_ site: BuiltSite) {
    state.withLock {
      $0.site = site
      $0.mistake = nil
      $0.version += 1
    }
  }

  /// From now on `mistake` stands on every page, above the last site that could be built.
  package func show(mistake: String) {
    state.withLock {
      $0.mistake = mistake
      $0.version += 1
    }
  }

  package var version: Int { state.withLock { $0.version } }

  /// What has been built, and what is wrong since.
  var current: (site: BuiltSite?, mistake: String?, version: Int) {
    state.withLock { ($0.site, $0.mistake, $0.version) }
  }
}
