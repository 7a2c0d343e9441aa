import Foundation
import Markup
import Testing

@testable import Reporting

@Suite struct AuthorImagesTests {
  /// The beginnings of files of each kind, 300 × 200.
  private static let png: [UInt8] =
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
    + [0, 0, 1, 44, 0, 0, 0, 200, 8, 2, 0, 0, 0]
  private static let gif = Array("GIF89a".utf8) + [44, 1, 200, 0, 0, 0, 0]
  private static let jpeg: [UInt8] =
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xC4, 0, 3, 9]
    + [0xFF, 0xFF, 0xC2, 0, 11, 8, 0, 200, 1, 44, 1, 1, 0x11, 0]
  private static func webp(_ chunk: String, _ rest: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP\(chunk)".utf8) + [0, 0, 0, 0] + rest
  }
  private static let lossy = webp("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A, 44, 0x41, 200, 0x40])
  // 14 bits of width − 1, then 14 of height − 1: 299 | 199 << 14.
  private static let lossless = webp("VP8L", [0x2F, 0x2B, 0xC1, 0x31, 0])
  private static let extended = webp("VP8X", [0, 0, 0, 0, 43, 1, 0, 199, 0, 0])

  @Test(
    "The header tells format and size",
    arguments: [
      ("png", png), ("gif", gif), ("jpg", jpeg), ("webp", lossy), ("webp", lossless),
      ("webp", extended),
    ])
  func formats(suffix: String, bytes: [UInt8]) throws {
    let format = try #require(ImageFormat(bytes))
    #expect(format.suffix == suffix && format.width == 300 && format.height == 200)
    // Cut short it is no picture, and nothing is read behind its end.
    for count in 0..<(suffix == "jpg" ? 22 : suffix == "png" ? 24 : 10) {
      #expect(ImageFormat(Array(bytes.prefix(count))) == nil, "\(count)")
    }
  }

  private func write(
    _ text: String, _ files: [String: [UInt8]]
  ) throws -> [String: Data] {
    let folder = try TemporaryFolder()
    let own = folder.path + "/own"
    for (name, bytes) in files.merging(["a.md": Array(text.utf8)], uniquingKeysWith: { a, _ in a })
    {
      let place = URL(fileURLWithPath: own + "/" + name)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: place)
    }
    try Data(Self.png).write(to: URL(fileURLWithPath: folder.path + "/secret.png"))
    var study = SyntheticStudy()
    study.layers = 2
    study.steps = [0, 1000, 2000, 4000]
    _ = try folder.write(study.report(authorPages: own))
    return try folder.files("site")
  }

  @Test func picturesAreCopiedUnderANameOfTheirContents() throws {
    let site = try write(
      "# A\n\n![A \"lab\"](My%20photo.png)\n\nIn a line ![small](./sub/b.jpg) too.\n",
      ["My photo.png": Self.png, "sub/b.jpg": Self.gif])
    let copies = site.keys.filter { $0.hasPrefix("pages/images/") }.sorted()
    #expect(copies.count == 2 && copies.allSatisfy { !$0.contains(" ") })
    // The contents say what a file is, not its name.
    #expect(copies.contains { $0.hasPrefix("pages/images/b.") && $0.hasSuffix(".gif") })
    let photo = try #require(copies.first { $0.hasSuffix(".png") })
    #expect(site[photo] == Data(Self.png))
    let html = String(decoding: try #require(site["pages/a/index.html"]), as: UTF8.self)
    #expect(
      html.contains(
        "<img src=\"../../\(photo)\" alt=\"A &quot;lab&quot;\" width=\"300\" height=\"200\""))
  }

  @Test func mistakesAreNamedWithFileAndLine() throws {
    let error = #expect(throws: MarkupError.self) {
      _ = try write(
        """
        # A

        ![none](absent.png)
        ![](a.png)
        ![out](../secret.png)
        ![far](https://example.org/a.png)
        ![data](data:image/png;base64,AAAA)
        ![drawing](a.svg)
        ![text](a.txt)
        ![hidden](.a.png)
        ![root](/etc/hostname)
        """,
        [
          "a.png": Self.png, "a.svg": Array("<svg/>".utf8), "a.txt": Array("no".utf8),
          ".a.png": Self.png,
        ])
    }
    let findings = try #require(error?.findings)
    #expect(findings.map(\.line) == Array(3...11))
    for (finding, words) in zip(
      findings,
      [
        "pages/absent.png is not there", "has no text", "beside the page or below",
        "nothing from elsewhere", "nothing from elsewhere", "can hold scripts", "is no PNG",
        "beside the page or below", "beside the page or below",
      ])
    {
      #expect("\(finding)".contains(words), "\(finding)")
    }
  }

  @Test("Pages are read before anything is measured")
  func check() throws {
    let folder = try TemporaryFolder()
    let text = """
      ---
      colour: red
      ---

      """
    let body = """
      # B

      {{at_0.2 r1 mlp}} {{settled r1 ov}} {{claim C1}} {{runs}} [x](run:r1) [y](claim:C7)

      ![](figure:any-name)

      {{at_0.2 nobody mlp}} {{colour r1 mlp}} {{area r1 qkv}} [z](absent.md) [w](run:none)

      ![photo](photo.png) $\\fraq{a}{b}$ [v](page:nowhere) [u](claim:C8)
      """
    for (name, text) in [("a.md", text), ("b.md", body)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/results/" + name))
    }
    let mistakes = try AuthorPagesCheck(
      folder: folder.path + "/results", runs: ["r1"], components: ["mlp", "ov"]
    ).mistakes()
    let places = mistakes.map { String($0.prefix { $0 != " " }) }
    let inB = [Int](repeating: 7, count: 5) + [Int](repeating: 9, count: 4)
    #expect(places == ["pages/a.md:2:"] + inB.map { "pages/b.md:\($0):" })
    #expect(
      try AuthorPagesCheck(folder: folder.path + "/none", runs: [], components: []).mistakes()
        .isEmpty)
  }
}
