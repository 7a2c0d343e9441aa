import Tensors

/// Every text is a value or an error within it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    _ = try JSONReader.read(bytes)
  } catch {
    precondition((0...count).contains(error.offset), "an error at \(error.offset) of \(count)")
  }
  return 0
}
