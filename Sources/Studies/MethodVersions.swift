import Capture

/// The versions of the methods, by kind of unit; a raised one makes its artifacts stale.
enum MethodVersions {
  static var all: [(name: String, version: String)] {
    UnitKind.allCases.map { ("method:\($0.rawValue)", String($0.methodVersion)) }
  }
}
