package import Markup

/// One drawing of a figure, in both themes.
package struct FigureImage: Sendable, Hashable {
  package var light: SitePath
  package var dark: SitePath
  /// CSS pixels, as drawn: figures are never scaled.
  package var width: Int
  package var height: Int

  package init(light: SitePath, dark: SitePath, width: Int, height: Int) {
    self.light = light
    self.dark = dark
    self.width = width
    self.height = height
  }
}

/// A file to take away.
package struct Download: Sendable, Hashable {
  package var title: String
  package var path: SitePath
  /// What it is or how large: set softly behind the title.
  package var detail: String

  package init(_ title: String, _ path: SitePath, detail: String = "") {
    self.title = title
    self.path = path
    self.detail = detail
  }
}

/// A figure with everything that belongs to it: drawings by width, words, numbers, files.
package struct FigureBlock: Sendable, Hashable {
  package enum Layout: Sendable, Hashable {
    /// Across the page, caption below.
    case wide
    /// 700 px, caption in the margin where there is room.
    case side
  }

  package var id: String
  /// For the dialog and the search.
  package var title: String
  /// Without "Figure n.", which the page adds.
  package var caption: HTML
  /// What the drawing shows; never empty.
  package var alt: String
  /// Widest first. The last is for windows up to 45 rem, one between for those up to 64 rem.
  package var images: [FigureImage]
  package var layout: Layout
  /// The numbers behind the drawing.
  package var table: TableBlock?
  package var tableNote: HTML?
  package var downloads: [Download]
  /// The script with rows and pixel positions (``FigurePoints``).
  package var points: SitePath?

  package init(
    id: String, caption: HTML, alt: String, title: String, images: [FigureImage],
    layout: Layout = .wide, table: TableBlock? = nil, tableNote: HTML? = nil,
    downloads: [Download] = [], points: SitePath? = nil
  ) {
    self.id = id
    self.title = title
    self.caption = caption
    self.alt = alt
    self.images = images
    self.layout = layout
    self.table = table
    self.tableNote = tableNote
    self.downloads = downloads
    self.points = points
  }

  func html(number: Int) -> HTML {
    let kind: HTML = layout == .side ? "wide side" : "wide"
    let data: HTML = points.map { " data-points=\"\($0)\"" } ?? ""
    // All that follows the drawing is its figcaption, which must be the last part; what names the
    // figure is the first sentence of it alone.
    var output: HTML = """
      <figure class="\(kind)" id="\(id)" aria-labelledby="\(id)-caption" data-title="\(title)"\(data)>
      """
    output += picture
    output += """
      <figcaption class="cap"><p class="words" id="\(id)-caption"><b>Figure \(number).</b> \(caption)</p>
      """
    if !downloads.isEmpty {
      let name = "Downloads of figure \(number)"
      output += "<ul class=\"get\" aria-label=\"\(name)\">"
      for item in downloads {
        let detail: HTML = item.detail.isEmpty ? HTML() : " <span class=\"d\">\(item.detail)</span>"
        output += "<li><a href=\"\(item.path)\" download>\(item.title)</a>\(detail)</li>"
      }
      output += "</ul>"
    }
    if let table {
      output += "<details class=\"note\"><summary>Show the numbers of figure \(number)</summary>"
      if let tableNote { output += "<p>\(tableNote)</p>" }
      output += table.html(name: "Numbers of figure \(number)")
      output += "</details>"
    }
    return output + "</figcaption></figure>\n"
  }

  /// The window's width and the theme choose the source; the script overrides the theme alone.
  private var picture: HTML {
    guard let widest = images.first else { return HTML() }
    var output: HTML = "<picture>"
    for (index, image) in images.enumerated().reversed() {
      let size: HTML =
        index == 0 ? "all" : index == images.count - 1 ? "(max-width: 45rem)" : "(max-width: 64rem)"
      let dark: HTML =
        index == 0 ? "(prefers-color-scheme: dark)" : "\(size) and (prefers-color-scheme: dark)"
      output += """
        <source data-dark="1" data-size="\(size)" media="\(dark)" srcset="\(image.dark)" \
        width="\(image.width)" height="\(image.height)">\
        <source data-dark="0" data-size="\(size)" media="\(size)" srcset="\(image.light)" \
        width="\(image.width)" height="\(image.height)">
        """
    }
    output += """
      <img src="\(widest.light)" width="\(widest.width)" height="\(widest.height)" alt="\(alt)">\
      </picture>
      """
    return output
  }

  /// Why this figure cannot be put on a page, or nil.
  var mistake: String? {
    if alt.allSatisfy(\.isWhitespace) { return "has no alternative text" }
    if images.isEmpty { return "has no drawing" }
    if images.contains(where: { $0.width < 1 || $0.height < 1 }) {
      return "has a drawing without size"
    }
    if zip(images, images.dropFirst()).contains(where: { $0.width <= $1.width }) {
      return "has drawings that are not ordered from wide to narrow"
    }
    if caption.isEmpty { return "has no caption" }
    return nil
  }
}
