#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can go wrong with a file, with its path and what the system said.
package enum FileError: Error, Equatable, CustomStringConvertible {
  /// A call failed: `action` such as "open", `code` the errno.
  case system(action: String, path: String, code: Int32)
  /// A folder, a device or a pipe stands where a file was expected.
  case notRegular(path: String, kind: String)
  /// The file ended before `expected` bytes from `offset` on were read.
  case truncated(path: String, offset: Int, expected: Int, found: Int)
  /// The file is not what it was when it was opened.
  case changed(path: String, how: String)

  /// A path for a message of one line: control characters, line breaks among them, visible.
  package static func shown(_ path: String) -> String {
    guard path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return path
    }
    return path.unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.properties.generalCategory == .control {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  package var description: String {
    switch self {
    case .system(let action, let path, let code):
      "\(Self.shown(path)): cannot \(action): \(String(cString: strerror(code)))\(Self.hint(code))"
    case .notRegular(let path, let kind):
      "\(Self.shown(path)): expected a file, found \(kind)"
    case .truncated(let path, let offset, let expected, let found):
      "\(Self.shown(path)): expected \(expected) bytes at offset \(offset), found \(found); "
        + "the file is truncated or was replaced while it was read"
    case .changed(let path, let how):
      "\(Self.shown(path)): \(how) after it was opened; run the same command again when nothing writes to it"
    }
  }

  /// Whether the disk, or the user's share of it, is full.
  package var isDiskFull: Bool {
    guard case .system(_, _, let code) = self else { return false }
    return code == ENOSPC || code == EDQUOT
  }

  private static func hint(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space, then run the same command again"
    case EACCES, EPERM, EROFS: "; check the permissions of the file and its folder"
    default: ""
    }
  }
}
