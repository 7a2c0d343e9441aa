import Foundation

/// The files that tend carries with it: templates and assets of this module's bundle.
package enum Resources {
  package enum Face: String, Sendable, CaseIterable {
    case regular
    case semibold
    case bold
    case italic
  }

  /// A face of Tend Sans as TrueType, for drawing.
  package static func font(_ face: Face) throws -> [UInt8] {
    try bytes("assets/fonts/tend-sans-\(face.rawValue).ttf")
  }

  /// A text file of the bundle, such as `templates/study.yaml`.
  package static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  package static func bytes(_ name: String) throws -> [UInt8] {
    guard let folder = Bundle.module.resourcePath,
      let data = FileManager.default.contents(atPath: folder + "/" + name)
    else {
      throw SiteError([.init(page: "", problem: .missingResource(name))])
    }
    return [UInt8](data)
  }

  /// The names of the files in a folder of the bundle, sorted.
  package static func names(in folder: String) throws -> [String] {
    guard let root = Bundle.module.resourcePath,
      let names = try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
    else {
      throw SiteError([.init(page: "", problem: .missingResource(folder))])
    }
    return names.sorted()
  }
}
