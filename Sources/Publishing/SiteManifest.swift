import Files

/// Which files of a folder tend wrote, with the hash of what it wrote.
///
/// One line a file, `SHA-256  PATH` (zeros for a page that tells dates), sorted; in the folder itself, so that it moves with it.
struct SiteManifest: Sendable, Hashable {
  static let name = ".tend-files"
  private static let heading = "# written by tend: files that a later build may replace or remove"
  /// Stands for the hash of a page that tells dates: the manifest is the same however often a site is
  /// built, and such a page is tend's own whatever it says.
  private static let anything = String(repeating: "0", count: 64)
  /// A manifest is at most this long; what is longer is not one.
  private static let longest = 64_000_000

  var hashes: [SitePath: String] = [:]

  init() {}

  /// The manifest in `folder`; empty where there is none.
  init(folder: String) throws {
    let path = folder + "/" + Self.name
    guard FileAccess.kind(of: path) == .file else {
      self.init()
      return
    }
    self.init(bytes: try FileAccess.read(path, limit: Self.longest))
  }

  /// A manifest as it was written. Lines that are not of its form are ignored: what they name was
  /// then not written by tend.
  init(bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard line.count > 66, line.prefix(64).allSatisfy(Self.isHexadecimal) else { continue }
      let text = String(decoding: line.dropFirst(66), as: UTF8.self)
      guard let path = Self.path(text) else { continue }
      hashes[path] = String(decoding: line.prefix(64), as: UTF8.self)
    }
  }

  /// What is noted of a file with `bytes`.
  static func hash(of bytes: [UInt8], dated: Bool) -> String {
    dated ? anything : ContentHash.full(of: bytes)
  }

  /// Whether `bytes` may be what tend wrote at `path`.
  func isWritten(_ bytes: [UInt8], at path: SitePath) -> Bool {
    isDated(path) || hashes[path] == ContentHash.full(of: bytes)
  }

  func isDated(_ path: SitePath) -> Bool { hashes[path] == Self.anything }

  var text: String {
    var output = Self.heading + "\n"
    for (path, hash) in hashes.sorted(by: { $0.key < $1.key }) {
      output += "\(hash)  \(path.string)\n"
    }
    return output
  }

  /// A path as a site has it, with the few names that only this module uses: a manifest from
  /// elsewhere must not make us remove anything outside the folder.
  private static func path(_ text: String) -> SitePath? {
    if text == ".nojekyll" || text == "_headers" { return SitePath(unchecked: text) }
    return try? SitePath(text)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }
}
