import Tensors

/// A pickled dictionary of arrays: it is read or an error says why not; no more elements come out than
/// bytes went in.
private let file = MemoryFile("pickle")

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  file.replace(by: UnsafeRawBufferPointer(start: start, count: count))
  do {
    let arrays = try PickledArrays(file.path)
    let elements = arrays.entries.reduce(0) { $0 + $1.values.count }
    precondition(elements <= count + 1024, "\(elements) elements of \(count) bytes")
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
