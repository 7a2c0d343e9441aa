import Testing

@testable import Tensors

@Suite struct JSONReaderTests {
  private func read(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }

  @Test func readsWhatTheStandardAllows() throws {
    let value = try read(
      #" {"a" : [1, -2.5e3, true, null, "x\n\u00e9\ud83d\ude00"], "b":{}, "c":[]} "#)
    #expect(value["a"]?.elements?[0].integer == 1)
    #expect(value["a"]?.elements?[1].double == -2500)
    #expect(value["a"]?.elements?[1].integer == nil)
    #expect(value["a"]?.elements?[2].bool == true)
    #expect(value["a"]?.elements?[3].isNull == true)
    #expect(value["a"]?.elements?[4].string == "x\né😀")
    #expect(value.members?.map(\.name) == ["a", "b", "c"])
  }

  @Test func aFractionIsNoInteger() throws {
    #expect(try read("1.0").integer == nil)
    #expect(try read("1e2").integer == nil)
    #expect(try read("99999999999999999999").integer == nil)
  }

  @Test(arguments: [
    "", "{", "[1", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "tru",
    "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "1 2", "[]]", "nan", "'a'",
    "{\"a\":1,\"a\":2}", "\u{FEFF}1",
  ])
  func whatTheStandardForbidsIsAnError(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try read(text) }
  }

  @Test func invalidUTF8IsAnError() {
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read([0x22, 0xC3, 0x28, 0x22]) }
  }

  @Test func nestingIsLimitedByAnErrorNotByTheStack() throws {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(throws: JSONSyntaxError.self) { try read(deep) }
    let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try read(allowed) }
  }

  @Test func anErrorNamesPlaceExpectedAndFound() {
    #expect(throws: JSONSyntaxError(offset: 5, expected: "a colon", found: "\"1\"")) {
      try read(#"{"a" 1}"#)
    }
  }

  @Test func manyMembersTakeTimeInProportion() throws {
    // 200,000 members: a reader that copies what it has at every member would take minutes.
    let names = (0..<200_000).map { "\"t\($0)\":[\($0)]" }
    let text = Array("{\(names.joined(separator: ","))}".utf8)
    var value = JSONValue.null
    let time = try ContinuousClock().measure { value = try JSONReader.read(text) }
    #expect(value.members?.count == 200_000)
    #expect(time < .seconds(5))
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(text, mostMembers: 199_999) }
    let twice = Array("{\(names.joined(separator: ",")),\"t77\":0}".utf8)
    #expect(throws: JSONSyntaxError.self) { try JSONReader.read(twice) }
  }
}
