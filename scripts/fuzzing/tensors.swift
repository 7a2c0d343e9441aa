import Tensors

/// A file of tensors, safetensors or an archive: it opens and every tensor is read, or an error says why
/// not; no tensor is much larger than its file.
private let file = MemoryFile("tensors")

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  file.replace(by: UnsafeRawBufferPointer(start: start, count: count))
  do {
    let content = try TensorFile(file.path)
    for tensor in content.tensors {
      let size = tensor.count.multipliedReportingOverflow(by: max(tensor.type.bits / 8, 1))
      precondition(
        !size.overflow && size.partialValue <= max(8 * count, 2 << 20) || tensor.type.bits < 8)
      do { _ = try content.doubles(tensor.name) } catch { continue }
    }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
