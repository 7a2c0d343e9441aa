import Files
import Tensors

/// A JSON file beside a checkpoint's weights.
enum JSONFile {
  /// The value in the file at `path`, which may have `largest` bytes.
  static func read(_ path: String, largest: Int, depth: Int) throws(CheckpointError) -> JSONValue {
    let bytes: [UInt8]
    do throws(FileError) {
      let reader = try FileReader(path)
      bytes = reader.size <= largest ? try reader.readAll() : []
      guard reader.size <= largest else {
        throw FileError.notRegular(path: path, kind: "\(reader.size) bytes of it")
      }
    } catch {
      throw .tensors(.file(error))
    }
    do {
      return try JSONReader.read(bytes, depth: depth)
    } catch {
      // A text that begins as JSON is what it should be, damaged.
      if bytes.first != UInt8(ascii: "{"),
        let content = ForeignContent.recognise(Array(bytes.prefix(ForeignContent.prefixLength)))
      {
        throw .configuration(file: path, "expected a JSON text, found \(content)")
      }
      throw .configuration(file: path, error.description)
    }
  }
}
