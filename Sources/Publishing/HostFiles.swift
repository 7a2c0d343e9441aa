import Markup
import Mustache

/// Files that hosts look for.
package enum HostFiles {
  /// The policy that every page passes: nothing from elsewhere, nothing inline.
  package static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    + "img-src 'self' data:; base-uri 'none'; form-action 'none'; object-src 'none'"

  static func add(to files: inout [SitePath: SiteFile], site: Site, theme: SiteTheme) {
    // GitHub Pages: no Jekyll, which drops names that begin with an underscore.
    files[SitePath(unchecked: ".nojekyll")] = .bytes([])
    // Netlify, Cloudflare Pages. Only hashed names are kept for ever.
    files[SitePath(unchecked: "_headers")] = .text(
      """
      /*
        X-Content-Type-Options: nosniff
        Referrer-Policy: strict-origin-when-cross-origin
        Content-Security-Policy: \(policy)

      /assets/*
        Cache-Control: public, max-age=31536000, immutable

      """)
    var values: [String: Any] = [
      "siteTitle": visibleControls(site.title), "language": site.language,
    ]
    if let url = site.url { values["home"] = absolute(.index, url: url) }
    files[SitePath(unchecked: "404.html")] = .text(
      theme.library.render(values, withTemplate: "404") ?? "")
    if let url = site.url {
      files[SitePath(unchecked: "sitemap.xml")] = .text(sitemap(of: site, url: url))
      files[SitePath(unchecked: "robots.txt")] = .text(
        "User-agent: *\nAllow: /\nSitemap: \(absolute(SitePath(unchecked: "sitemap.xml"), url: url))\n"
      )
    }
  }

  /// `path` under `url`, as an address.
  static func absolute(_ path: SitePath, url: String) -> String {
    let base = url.hasSuffix("/") ? url : url + "/"
    return LinkDestination.percentEncoded(base) + path.string
  }

  private static func sitemap(of site: Site, url: String) -> String {
    var output = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    output += "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    for page in site.pages {
      output += "<url><loc>\(escapeHTML(absolute(page.path, url: url)))</loc></url>\n"
    }
    return output + "</urlset>\n"
  }
}
