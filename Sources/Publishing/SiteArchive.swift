import Files

/// A site as one ZIP file: names sorted, dates fixed, so that the same site gives the same bytes.
struct SiteArchive {
  /// File kinds that are compressed already.
  private static let packed: Set<String> = ["png", "woff2", "zip", "gz"]

  private var output: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// 1 January 1980: the earliest that a ZIP can say, and no time of ours.
  private static let date: UInt16 = 0x0021

  mutating func add(_ bytes: [UInt8], name: String) throws {
    let suffix = name.split(separator: ".").last.map(String.init) ?? ""
    var data = bytes
    var method: UInt16 = 0
    if !Self.packed.contains(suffix), bytes.count > 64 {
      let smaller = Deflate.compress(bytes)
      if smaller.count < bytes.count { (data, method) = (smaller, 8) }
    }
    guard let size = UInt32(exactly: bytes.count), let start = UInt32(exactly: output.count),
      output.count + data.count + directory.count < 0xFFFF_0000, count < 0xFFFF
    else {
      throw SiteError([
        .init(
          page: name,
          problem: .file(
            "the archive", doing: "writing", reason: "a ZIP holds 4 GB in 65,535 files at most"))
      ])
    }
    var header: [UInt8] = []
    header.append(little: method == 0 ? 10 : 20 as UInt16)
    header.append(little: 0 as UInt16)
    header.append(little: method)
    header.append(little: 0 as UInt16)
    header.append(little: Self.date)
    header.append(little: Deflate.checksum(of: bytes))
    header.append(little: UInt32(data.count))
    header.append(little: size)
    header.append(little: UInt16(name.utf8.count))
    header.append(little: 0 as UInt16)

    output.append(little: 0x0403_4B50 as UInt32)
    output += header
    output += name.utf8
    output += data

    directory.append(little: 0x0201_4B50 as UInt32)
    directory.append(little: 0x0314 as UInt16)  // Made on Unix, version 2.0.
    directory += header
    directory.append(little: 0 as UInt16)
    directory.append(little: 0 as UInt16)
    directory.append(little: 0 as UInt16)
    directory.append(little: 0o100644 << 16 as UInt32)
    directory.append(little: start)
    directory += name.utf8
    count += 1
  }

  func finish() -> [UInt8] {
    var all = output + directory
    all.append(little: 0x0605_4B50 as UInt32)
    all.append(little: 0 as UInt16)
    all.append(little: 0 as UInt16)
    all.append(little: UInt16(count))
    all.append(little: UInt16(count))
    all.append(little: UInt32(directory.count))
    all.append(little: UInt32(output.count))
    all.append(little: 0 as UInt16)
    return all
  }
}

extension BuiltSite {
  /// The site as a ZIP archive whose files lie in a folder called `folder` (a name that
  /// ``SitePath/component(for:)`` gives): unpacked by a double click, `index.html` opens by another.
  package func archive(folder: String) throws -> [UInt8] {
    var archive = SiteArchive()
    for path in paths {
      let name = try SitePath(folder).string + "/" + path.string
      try archive.add(try bytes(of: path), name: name)
    }
    return archive.finish()
  }
}

extension [UInt8] {
  fileprivate mutating func append<Value: FixedWidthInteger>(little value: Value) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }
}
