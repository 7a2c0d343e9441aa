import Checkpoints
import Files
import Glibc
import Tensors

/// An index of shards beside two sound shards: the checkpoint opens or an error says why not, and
/// nothing outside the folder is touched.
private let folder: String = {
  let path = "/dev/shm/tend-fuzz-index-\(getpid())"
  let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
  let shard = { (name: String) -> [UInt8] in
    let text = Array(header.replacing("\"a\"", with: "\"\(name)\"").utf8)
    return [UInt8(text.count), 0, 0, 0, 0, 0, 0, 0] + text + [0, 0, 128, 63]
  }
  do {
    try Folder.make(path)
    try DurableWrite.write(shard("a"), to: path + "/x.safetensors")
    try DurableWrite.write(shard("b"), to: path + "/y.safetensors")
  } catch {
    preconditionFailure("\(error)")
  }
  return path
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let path = folder + "/model.safetensors.index.json"
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0, "errno \(errno)")
  if let start, count > 0 { precondition(write(descriptor, start, count) == count) }
  close(descriptor)
  do {
    let weights = try CheckpointWeights(folder: folder)
    precondition(weights.files.allSatisfy { $0.path.hasPrefix(folder + "/") })
    for tensor in weights.tensors { _ = try weights.file(of: tensor.name)?.floats(tensor.name) }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
