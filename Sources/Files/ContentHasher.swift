import CCrypto

/// An incremental hash of a file's content, as git and its large file storage name files by it
/// (OpenSSL libcrypto: EVP_DigestInit_ex).
package struct ContentHasher: ~Copyable {
  private let context: OpaquePointer

  /// SHA-256 of the content: the name of a file in git's large file storage.
  package static func sha256() -> ContentHasher { ContentHasher(EVP_sha256()) }

  /// SHA-1 of `blob SIZE`, a zero byte and the content of `size` bytes: git's name of a file.
  package static func gitBlob(size: Int) -> ContentHasher {
    var hasher = ContentHasher(EVP_sha1())
    Array("blob \(size)\0".utf8).withUnsafeBytes { hasher.update($0) }
    return hasher
  }

  private init(_ algorithm: OpaquePointer?) {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
      preconditionFailure("libcrypto lacks a digest")
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

  /// The hash in lower-case hexadecimal digits.
  package consuming func finalize() -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    var count: UInt32 = 0
    let status = EVP_DigestFinal_ex(context, &bytes, &count)
    precondition(status == 1, "EVP_DigestFinal_ex failed")
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self)
  }
}
