import Foundation
import Plotting

/// The faces that the repository carries.
enum FigureFonts {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let folder = root.appendingPathComponent("assets/fonts")

  static func bytes(_ face: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent("tend-sans-\(face).ttf")))
  }

  static func load() throws -> FontSet {
    try FontSet(
      regular: bytes("regular"), semibold: bytes("semibold"), bold: bytes("bold"),
      italic: bytes("italic"))
  }
}
