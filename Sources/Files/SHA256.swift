import CCrypto

/// An incremental SHA-256 over bytes (OpenSSL libcrypto: EVP_DigestInit_ex, SHA-NI where present).
package struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    // SAFETY: base is valid for bytes.count bytes while the caller's closure runs.
    let status = EVP_DigestUpdate(context, base, bytes.count)
    precondition(status == 1, "EVP_DigestUpdate failed")
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ text: String) {
    update(Array(text.utf8))
  }

  package consuming func finalize() -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    let status = EVP_DigestFinal_ex(context, &bytes, nil)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    return SHA256Digest(bytes: bytes)
  }
}

/// The 32 bytes of a SHA-256.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  /// 64 lower-case hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  package var description: String { hex }
}

extension SHA256Digest {
  /// The digest of `bytes`.
  package init(of bytes: [UInt8]) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finalize()
  }

  /// The digest of `text` in UTF-8.
  package init(of text: String) { self.init(of: Array(text.utf8)) }
}
