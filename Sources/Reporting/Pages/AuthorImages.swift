import Files
import Markup
import Publishing

/// Pictures beside the author's pages: copied into the site under a name of their contents.
struct AuthorImages: Sendable {
  /// The folder of the pages, absolute.
  let folder: String

  /// A picture as the site has it.
  struct Image: Sendable, Hashable {
    /// As the page names it, decoded.
    let name: String
    let path: SitePath
    let format: ImageFormat
    let bytes: [UInt8]

    func html(_ text: String) -> HTML {
      """
      <img src="\(path)" alt="\(text)" width="\(format.width)" height="\(format.height)" \
      loading="lazy" decoding="async">
      """
    }
  }

  /// The largest file that is copied, in bytes.
  static let largest = 20_000_000

  /// The picture that `destination` names, or why there is none.
  func image(_ destination: String) -> MarkdownResolver.Answer<Image> {
    guard !LinkDestination.isExternal(destination) else {
      return .unknown(reason: "pages load nothing from elsewhere: put the file beside the page")
    }
    var name = LinkDestination.percentDecoded(destination)
    if name.hasPrefix("./") { name = String(name.dropFirst(2)) }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\\") }) else {
      return .unknown(
        reason: "a picture lies beside the page or below: write photo.png or images/photo.png")
    }
    let file = folder + "/" + name
    guard Folder.kind(of: file) == .file else {
      return .unknown(reason: "pages/\(singleLine(name)) is not there")
    }
    do {
      let reader = try FileReader(file)
      guard reader.size <= Self.largest else {
        return .unknown(
          reason: "has \(Format.bytes(reader.size)), more than \(Format.bytes(Self.largest))")
      }
      let bytes = try reader.readAll()
      guard let format = ImageFormat(bytes) else {
        return .unknown(
          reason: name.lowercased().hasSuffix(".svg")
            ? "an SVG can hold scripts: export it as PNG"
            : "is no PNG, JPEG, GIF or WebP picture")
      }
      return .found(
        Image(
          name: name, path: try path(parts.last ?? "", bytes, format), format: format,
          bytes: bytes))
    } catch {
      return .unknown(reason: "\(error)")
    }
  }

  /// Whether the file still is what it was when the page was made.
  func isUnchanged(_ image: Image) throws -> Bool {
    let file = folder + "/" + image.name
    guard Folder.kind(of: file) == .file else { return false }
    return try FileReader(file).readAll() == image.bytes
  }

  private func path(
    _ name: Substring, _ bytes: [UInt8], _ format: ImageFormat
  ) throws -> SitePath {
    let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
    let hash = SHA256Digest(of: bytes).hex.prefix(10)
    return try SitePath(
      "pages/images/\(SitePath.component(for: String(stem))).\(hash).\(format.suffix)")
  }
}
