import Foundation
import Plotting

/// Programs of poppler-utils, where they are installed.
enum Tool {
  static let pdftoppm = path("pdftoppm")
  static let pdffonts = path("pdffonts")
  static let pdftotext = path("pdftotext")

  private static func path(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  /// What the program writes when it is given the PDF.
  static func output(_ program: String, _ arguments: [String], pdf: [UInt8]) throws -> Data {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("tend-\(UUID().uuidString).pdf")
    try Data(pdf).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments.map { $0 == "FILE" ? file.path : $0 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
  }

  struct Picture {
    let width: Int
    let bytes: [UInt8]

    func pixel(_ x: Int, _ y: Int) -> RGB {
      let at = 3 * (y * width + x)
      return RGB(red: bytes[at], green: bytes[at + 1], blue: bytes[at + 2])
    }
  }

  /// The page as pdftoppm draws it; nil where its output is no picture.
  static func rasterised(_ pdf: [UInt8], resolution: Int) throws -> Picture? {
    guard let program = pdftoppm else { return nil }
    let data = [UInt8](try output(program, ["-r", "\(resolution)", "FILE"], pdf: pdf))
    // P6, width, height, 255, each followed by one white space.
    let header = data.prefix(40).split(maxSplits: 4) { $0 == 0x20 || $0 == 0x0a }
    guard header.count > 3, header[0].elementsEqual("P6".utf8),
      let width = Int(String(decoding: header[1], as: UTF8.self)),
      let height = Int(String(decoding: header[2], as: UTF8.self))
    else { return nil }
    let start = data.count - 3 * width * height
    guard start > 0 else { return nil }
    return Picture(width: width, bytes: Array(data[start...]))
  }
}
