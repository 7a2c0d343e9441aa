import Markup
import Testing

@Suite struct MathMLTests {
  @Test(
    "Formulas come out as MathML",
    arguments: [
      ("x", "<mi>x</mi>"),
      ("2.5", "<mn>2.5</mn>"),
      ("a_1", "<msub><mi>a</mi><mn>1</mn></msub>"),
      ("a_{ij}^2", "<msubsup><mi>a</mi><mrow><mi>i</mi><mi>j</mi></mrow><mn>2</mn></msubsup>"),
      (
        "c(t)",
        "<mi>c</mi><mrow><mo stretchy=\"false\">(</mo><mi>t</mi><mo stretchy=\"false\">)</mo></mrow>"
      ),
      (
        "[0, 1)",
        "<mrow><mo stretchy=\"false\">[</mo><mn>0</mn><mo>,</mo><mn>1</mn><mo stretchy=\"false\">)</mo></mrow>"
      ),
      (#"\frac12"#, "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
      (#"\frac{a}{b}"#, "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
      (#"\mathrm{CKA}"#, "<mi>CKA</mi>"),
      (#"\mathrm{F}"#, "<mi mathvariant=\"normal\">F</mi>"),
      (
        #"\|x\|_F"#,
        "<msub><mrow><mo stretchy=\"false\">‖</mo><mi>x</mi><mo stretchy=\"false\">‖</mo></mrow><mi>F</mi></msub>"
      ),
      (#"\sqrt[3]{x}"#, "<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>"),
      (#"x'"#, "<msup><mi>x</mi><mo>′</mo></msup>"),
      (#"\text{for all } i"#, "<mtext>for all\u{A0}</mtext><mi>i</mi>"),
      (#"\tilde K"#, "<mover accent=\"true\"><mi>K</mi><mo>~</mo></mover>"),
      ("a - b", "<mi>a</mi><mo>−</mo><mi>b</mi>"),
      ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
      (
        #"\{u : u \ge q\}"#,
        "<mrow><mo stretchy=\"false\">{</mo><mi>u</mi><mo>:</mo><mi>u</mi><mo>≥</mo><mi>q</mi><mo stretchy=\"false\">}</mo></mrow>"
      ),
      (
        #"\exp(x)"#,
        "<mi>exp</mi><mrow><mo stretchy=\"false\">(</mo><mi>x</mi><mo stretchy=\"false\">)</mo></mrow>"
      ),
      (
        #"(\frac12)"#,
        "<mrow><mo>(</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>)</mo></mrow>"
      ),
      (#"\ln p"#, "<mi>ln</mi><mspace width=\"0.167em\"></mspace><mi>p</mi>"),
      (
        #"\begin{cases} 1 & a \\ 0 & b \end{cases}"#,
        "<mrow><mo>{</mo><mtable class=\"cases\"><mtr><mtd><mn>1</mn></mtd><mtd><mi>a</mi></mtd></mtr>"
          + "<mtr><mtd><mn>0</mn></mtd><mtd><mi>b</mi></mtd></mtr></mtable></mrow>"
      ),
    ])
  func renders(tex: String, expected: String) throws {
    #expect(try MathML.inline(tex).source == "<math><mrow>\(expected)</mrow></math>")
  }

  @Test(
    "Formulas of papers come out as MathML",
    arguments: [
      (
        #"\lVert x\rVert_F"#,
        "<msub><mrow><mo stretchy=\"false\">‖</mo><mi>x</mi><mo stretchy=\"false\">‖</mo></mrow><mi>F</mi></msub>"
      ),
      (
        #"\lVert \|x\| \rVert"#,
        "<mrow><mo stretchy=\"false\">‖</mo><mrow><mo stretchy=\"false\">‖</mo><mi>x</mi>"
          + "<mo stretchy=\"false\">‖</mo></mrow><mo stretchy=\"false\">‖</mo></mrow>"
      ),
      (#"\mathbb{R}^n"#, "<msup><mi>ℝ</mi><mi>n</mi></msup>"),
      (#"\mathcal{L}"#, "<mi>ℒ</mi>"),
      (#"\mathbf{1}"#, "<mi>𝟏</mi>"),
      (#"\boldsymbol{\theta_1}"#, "<mrow><msub><mi>𝜽</mi><mn>𝟏</mn></msub></mrow>"),
      (
        #"\underbrace{x}_n"#,
        "<munder><munder><mrow><mi>x</mi></mrow><mo>⏟</mo></munder><mi>n</mi></munder>"
      ),
      (#"\sum\limits_i"#, "<munder><mo>∑</mo><mi>i</mi></munder>"),
      (#"\operatorname*{arg\,max}"#, "<mi>arg\u{2009}max</mi>"),
      (#"a \not= b"#, "<mi>a</mi><mo>=\u{338}</mo><mi>b</mi>"),
      (
        #"\bigl(x\bigr]"#,
        "<mo minsize=\"1.2em\" maxsize=\"1.2em\">(</mo><mi>x</mi><mo minsize=\"1.2em\" maxsize=\"1.2em\">]</mo>"
      ),
      (
        #"p \ln q"#,
        "<mi>p</mi><mspace width=\"0.167em\"></mspace><mi>ln</mi><mspace width=\"0.167em\"></mspace><mi>q</mi>"
      ),
      (
        #"= \exp(x)"#,
        #"<mo>=</mo><mi>exp</mi><mrow><mo stretchy="false">(</mo>"#
          + #"<mi>x</mi><mo stretchy="false">)</mo></mrow>"#
      ),
      (#"x \Rightarrow y"#, "<mi>x</mi><mo>⇒</mo><mi>y</mi>"),
    ])
  func rendersPapers(tex: String, expected: String) throws {
    #expect(try MathML.inline(tex).source == "<math><mrow>\(expected)</mrow></math>")
  }

  @Test("Limits stand below in a displayed formula and beside in a line of text")
  func limits() throws {
    let tex = #"\sum_{i=1}^k p_i"#
    #expect(try MathML.display(tex).source.contains("<munderover><mo>∑</mo>"))
    #expect(try MathML.inline(tex).source.contains("<msubsup><mo>∑</mo>"))
    #expect(try MathML.display(#"\int_0^1 x"#).source.contains("<msubsup><mo>∫</mo>"))
    #expect(try MathML.display(#"\min_j x"#).source.contains("<munder><mi>min</mi>"))
  }

  @Test(
    "A mistake is named with its place",
    arguments: [
      (#"\farc{1}{2}"#, 0, MathError.Problem.unknownCommand("\\farc", nearest: "\\frac")),
      (#"a \frac{1}"#, 10, .missingArgument(of: "\\frac")),
      ("(a", 0, .unclosed("(")),
      ("{a", 2, .unclosed("{")),
      ("a}", 1, .unexpected("}")),
      ("a_1_2", 3, .twoScripts("subscripts")),
      ("x^", 2, .missingArgument(of: "^")),
      (#"\left( a"#, 0, .unclosed("\\left")),
      (#"\lVert a"#, 0, .unclosed("‖")),
      (#"\bigl\alpha"#, 5, .unexpected("\\alpha")),
      (#"\not x"#, 6, .unexpected("\\not")),
    ])
  func mistakes(tex: String, position: Int, problem: MathError.Problem) {
    #expect(throws: MathError(position: position, problem: problem)) { try MathML.inline(tex) }
  }

  @Test("Depth and length are limited")
  func limited() {
    let deep = String(repeating: "{", count: 10_000)
    #expect(throws: MathError.self) { try MathML.inline(deep) }
    let nested = String(repeating: "{", count: 200) + "x" + String(repeating: "}", count: 200)
    #expect(throws: MathError(position: 40, problem: .nestedTooDeeply(limit: 40))) {
      try MathML.inline(nested)
    }
    #expect(throws: MathError(position: 4000, problem: .tooLong(limit: 4000))) {
      try MathML.inline(String(repeating: "x", count: 4001))
    }
  }

  @Test("Markup inside a formula is text")
  func hostile() throws {
    let html = try MathML.inline(#"\text{<img src=x onerror=alert(1)>} < \mathrm{"><script>}"#)
    #expect(!html.source.contains("<img"))
    #expect(!html.source.contains("<script"))
  }
}
