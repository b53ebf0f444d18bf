package io.trainyard.api.site;

import io.trainyard.api.PathPrefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.util.HtmlUtils;

/** The frame of every page: search box, contents, the text, and the headings on the page. */
final class PageLayout {
  /** Apart from the code that fills it, as pages are read. */
  @SuppressWarnings("InlineFormatString")
  private static final String FRAME =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>%s</title>
      <link rel="icon" href="%s">
      %s<link rel="stylesheet" href="%s">
      <script src="%s"></script>
      <script defer src="%s"></script>
      </head>
      <body>
      <a class="skip" href="#text">Skip to the text</a>
      <header>
      <a class="brand" href="/docs"><img src="%2$s" alt="" width="26" height="26">Trainyard</a>
      <form role="search" action="/docs/search">
      <input type="search" name="q" value="%s" maxlength="100" placeholder="Search: conv2d, early stopping, cursor_expired…" aria-label="Search the documentation" autocomplete="off">
      <ul id="suggestions" hidden></ul>
      </form>
      <button id="theme" type="button" aria-label="Dark colours" hidden><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8" fill="none" stroke="currentColor" stroke-width="2"/><path d="M10 2a8 8 0 0 1 0 16z" fill="currentColor"/></svg></button>
      <a class="api" href="/docs/api">API</a>
      </header>
      <div class="columns%s">
      <nav aria-label="Contents"><details id="contents" open><summary>Contents</summary>
      %s</details></nav>
      <main id="text">
      %s</main>
      %s</div>
      </body>
      </html>
      """;

  static final String API = "/docs/api";

  private static final String API_STYLE =
      "<link rel=\"stylesheet\" href=\"/docs/api/swagger-ui.css\">\n";

  /** Below the text, because it fills the place that it finds there. */
  private static final String API_TEXT =
      """
      <h1>API</h1>
      <p>Every operation with an example that works. Open one and press <em>Try it out</em>. The same as text:
      <a href="/docs/reference/http">all operations</a>. For programs: <a href="/v3/api-docs">the OpenAPI document</a>.</p>
      <noscript><p>This page needs JavaScript; <a href="/docs/reference/http">all operations</a> does not.</p></noscript>
      <div id="swagger-ui"></div>
      <script src="/docs/api/swagger-ui-bundle.js"></script>
      <script src="/docs/api/start.js"></script>
      """;

  /** A page with fewer headings needs no list of them. */
  private static final int LISTED_HEADINGS = 3;

  private PageLayout() {}

  static String of(DocPage page) {
    String title = page.path().equals(DocPages.START) ? "Trainyard" : page.title() + " – Trainyard";
    return frame(title, "", page.path(), page.markdown().html() + around(page), headings(page));
  }

  /** The page on which operations are tried. */
  static String ofApi() {
    return frame("API – Trainyard", "", API, API_TEXT, "");
  }

  static String ofSearch(String query, String main) {
    return frame("Search – Trainyard", query, "", main, "");
  }

  static String ofProblem(String title, String main) {
    return frame(title + " – Trainyard", "", "", main, "");
  }

  private static String frame(
      String title, String query, String path, String main, String headings) {
    String page =
        FRAME.formatted(
            escape(title),
            SiteAssets.path("icon.svg"),
            path.equals(API) ? API_STYLE : "",
            SiteAssets.path("site.css"),
            SiteAssets.path("theme.js"),
            SiteAssets.path("site.js"),
            escape(query),
            path.equals(API) ? " wide" : "",
            contents(path),
            main,
            headings);
    return PathPrefix.inHtml(page);
  }

  private static String contents(String path) {
    StringBuilder html = new StringBuilder();
    for (Map.Entry<String, List<DocPage>> group : DocPages.packaged().groups().entrySet()) {
      List<DocPage> members = group.getValue();
      if (members.getFirst().path().equals(DocPages.START)) {
        html.append("<ul>").append(item(members.getFirst(), path));
        html.append(item(API, "API", path)).append("</ul>\n");
        continue;
      }
      // The start page shows a newcomer the first pages.
      boolean first = html.indexOf("<summary>") < 0 && path.equals(DocPages.START);
      boolean open = first || members.stream().anyMatch(page -> page.path().equals(path));
      html.append(open ? "<details open>" : "<details>");
      html.append("<summary>").append(escape(group.getKey())).append("</summary>\n<ul>");
      members.forEach(page -> html.append(item(page, path)));
      html.append("</ul></details>\n");
    }
    return html.toString();
  }

  private static String item(DocPage page, String path) {
    String title = page.path().equals(DocPages.START) ? "Start" : page.title();
    return item(page.path(), title, path);
  }

  private static String item(String to, String title, String path) {
    return "<li>"
        + (to.equals(path)
                ? "<a aria-current=\"page\" href=\"%s\">%s</a>"
                : "<a href=\"%s\">%s</a>")
            .formatted(escape(to), escape(title))
        + "</li>";
  }

  /** Links to the pages before and after. */
  private static String around(DocPage page) {
    Optional<DocPage> before = DocPages.packaged().beside(page, -1);
    Optional<DocPage> after = DocPages.packaged().beside(page, 1);
    if (before.isEmpty() && after.isEmpty()) {
      return "";
    }
    String links =
        before.map(each -> around(each, "prev", "← ")).orElse("<span></span>")
            + after.map(each -> around(each, "next", "")).orElse("");
    return "<footer>" + links + "</footer>\n";
  }

  private static String around(DocPage page, String rel, String arrow) {
    String title = page.path().equals(DocPages.START) ? "Start" : page.title();
    return "<a rel=\"%s\" href=\"%s\">%s%s%s</a>"
        .formatted(rel, escape(page.path()), arrow, escape(title), rel.equals("next") ? " →" : "");
  }

  private static String headings(DocPage page) {
    List<Markdown.Section> second =
        page.sections().stream().filter(section -> section.level() == 2).toList();
    if (second.size() < LISTED_HEADINGS) {
      return "";
    }
    StringBuilder html =
        new StringBuilder("<aside aria-label=\"On this page\"><p>On this page</p><ul>\n");
    for (Markdown.Section section : second) {
      html.append(
          "<li><a href=\"#%s\">%s</a></li>\n".formatted(section.id(), escape(section.heading())));
    }
    return html.append("</ul></aside>\n").toString();
  }

  static String escape(String text) {
    return HtmlUtils.htmlEscape(text, "UTF-8");
  }
}
