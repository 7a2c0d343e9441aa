import Testing

@testable import Studies

@Suite struct SideWorkTests {
  @Test("What comes out is the same with one thread and with several", arguments: [1, 2])
  func values(threads: Int) throws {
    let work = SideWork(threads: threads) { (0..<1000).reduce(0, +) }
    work.wait()
    #expect(try work.value() == 499_500)
    #expect(try work.value() == 499_500)
  }

  @Test("An error comes with the value", arguments: [1, 2])
  func errors(threads: Int) {
    let work = SideWork<Void>(threads: threads) { throw StudyError.output("full") }
    #expect(throws: StudyError.output("full")) { try work.value() }
  }
}
