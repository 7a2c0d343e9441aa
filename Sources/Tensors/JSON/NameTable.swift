/// Which names were met: a hash table of their places alone, some eight bytes a name, where a set of the
/// names themselves takes more than a header of a million tensors.
struct NameTable: Sendable {
  /// A name's place and one; 0 where there is none. A power of two of them, at most half of them taken.
  private var slots: [UInt32]
  private(set) var count = 0

  /// Room for `names` without growing.
  init(names: Int = 0) {
    var size = 16
    while size < 2 * names { size *= 2 }
    slots = names == 0 ? [] : [UInt32](repeating: 0, count: size)
  }

  static func hash(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
  }

  /// Seeded anew in every process: nobody can prepare names that collide.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    return hasher.finalize()
  }

  /// Enters the name at `place` below 2³² − 1; false if an equal one is there.
  mutating func insert(
    _ place: Int, hash: (Int) -> Int, isEqual: (Int, Int) -> Bool
  ) -> Bool {
    if 2 * (count + 1) > slots.count {
      let old = slots
      slots = [UInt32](repeating: 0, count: max(16, 2 * old.count))
      for entry in old where entry != 0 { slots[slot(hash(Int(entry) - 1)) { _ in false }] = entry }
    }
    let slot = slot(hash(place)) { isEqual($0, place) }
    guard slots[slot] == 0 else { return false }
    slots[slot] = UInt32(place + 1)
    count += 1
    return true
  }

  /// The place of the name with this hash that `isEqual` holds for.
  func place(hash: Int, isEqual: (Int) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    let entry = slots[slot(hash, isEqual)]
    return entry == 0 ? nil : Int(entry) - 1
  }

  /// Where an equal name stands, or else where it would.
  private func slot(_ hash: Int, _ isEqual: (Int) -> Bool) -> Int {
    var slot = hash & (slots.count - 1)
    while slots[slot] != 0, !isEqual(Int(slots[slot]) - 1) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }
}
