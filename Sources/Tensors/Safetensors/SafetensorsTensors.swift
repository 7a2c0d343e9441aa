/// The tensors of a safetensors header, in the order of their data.
///
/// Keeps the header's own bytes, and of each tensor where its name stands in them: 12 to 20 bytes a
/// tensor beside the header, where a million descriptions are many times as large. A description is
/// read out of the header again when it is asked for.
struct SafetensorsTensors: Sendable {
  private let text: [UInt8]
  /// Where in the file the data begins, and how many bytes of it there are.
  private let dataStart: Int
  private let available: Int
  /// Where each tensor's name stands.
  private let places: [UInt32]
  private let names: NameTable

  /// Places of names in `text` whose entries were read without a finding.
  init(text: [UInt8], dataStart: Int, available: Int, places: [UInt32], names: NameTable) {
    self.text = text
    self.dataStart = dataStart
    self.available = available
    self.places = places
    self.names = names
  }

  var count: Int { places.count }

  subscript(index: Int) -> TensorDescription { description(at: Int(places[index])) }

  /// The tensor called `name`, compared byte by byte.
  func tensor(_ name: String) -> TensorDescription? {
    let place = names.place(hash: NameTable.hash(name)) { isName($0, Array(name.utf8)) }
    return place.map(description)
  }

  private func isName(_ place: Int, _ name: [UInt8]) -> Bool {
    var cursor = JSONCursor(text, at: place)
    do {
      return cursor.withText(of: try cursor.skipString()) { $0.elementsEqual(name) }
    } catch {
      preconditionFailure("a name that was read before: \(error)")
    }
  }

  private func description(at place: Int) -> TensorDescription {
    var cursor = JSONCursor(text, at: place)
    do {
      let name = try cursor.skipName()
      let entry = try SafetensorsEntry.read(&cursor, available: available)
      return TensorDescription(
        name: cursor.text(of: name), type: entry.type, typeName: entry.typeName,
        shape: entry.shape,
        bytes: dataStart + entry.data.lowerBound..<dataStart + entry.data.upperBound)
    } catch {
      preconditionFailure("an entry that was read before: \(error)")
    }
  }
}
