import Tensors

/// An .npy array: it is read or an error says why not.
private let file = MemoryFile("npy")

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  file.replace(by: UnsafeRawBufferPointer(start: start, count: count))
  do {
    let array = try NumPyFile(file.path)
    precondition(array.count <= count, "\(array.count) elements of \(count) bytes")
    do { _ = try array.integers() } catch { _ = try array.doubles() }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
