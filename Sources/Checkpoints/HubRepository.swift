/// A model's repository on Hugging Face's hub, and where the local cache keeps it.
package struct HubRepository: Sendable, Hashable, CustomStringConvertible {
  package let owner: String
  package let name: String

  /// `hf://OWNER/NAME`; nil for anything else.
  package init?(address: String) {
    guard address.hasPrefix(HubCache.scheme) else { return nil }
    let parts = address.dropFirst(HubCache.scheme.count).split(
      separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy(Self.isName) else { return nil }
    owner = String(parts[0])
    name = String(parts[1])
  }

  package var description: String { "\(owner)/\(name)" }
  package var address: String { HubCache.scheme + description }

  /// The repository's folder in the cache: `blobs`, `snapshots` and `refs` lie in it.
  package func folder(inCache cache: String) -> String { "\(cache)/models--\(owner)--\(name)" }

  private static func isName(_ part: Substring) -> Bool {
    !part.isEmpty && part.utf8.count <= 96 && part != "." && part != ".."
      && part.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
      }
  }
}
