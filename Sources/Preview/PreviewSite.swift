package import Publishing
import Synchronization

/// The site that a preview shows: the last one that could be built, and why a later one could not.
package final class PreviewSite: Sendable {
  private struct State {
    var site: BuiltSite?
    var mistake: String?
    var version = 1
    var drawing = 1
  }

  private let state = Mutex(State())

  package init() {}

  /// From now on `site` is shown, in open pages too. Where its figures were drawn anew, those are loaded
  /// again as a whole.
  package func show(_ site: BuiltSite, isDrawnAnew: Bool = true) {
    state.withLock {
      $0.site = site
      $0.mistake = nil
      $0.version += 1
      if isDrawnAnew { $0.drawing += 1 }
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
  struct Current {
    var site: BuiltSite?
    var mistake: String?
    var version: Int
    /// Counts the versions whose figures were drawn anew.
    var drawing: Int
  }

  var current: Current {
    state.withLock {
      Current(site: $0.site, mistake: $0.mistake, version: $0.version, drawing: $0.drawing)
    }
  }
}
