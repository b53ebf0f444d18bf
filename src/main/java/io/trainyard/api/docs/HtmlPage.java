package io.trainyard.api.docs;

import java.util.List;
import org.springframework.web.util.HtmlUtils;

/** Builds a page that needs nothing from elsewhere. Every text is escaped. */
final class HtmlPage {
  private static final String STYLE =
      "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
          + "table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.3rem"
          + " .5rem;text-align:left;vertical-align:top}code,pre{font:14px ui-monospace,monospace;"
          + "background:#f4f4f4}pre{padding:.6rem;overflow:auto}nav{margin-bottom:1rem}";

  private final StringBuilder body = new StringBuilder();
  private final String title;

  HtmlPage(String title) {
    this.title = title;
    body.append("<nav><a href=\"/docs\">Documentation</a> · <a href=\"/docs/api\">API</a></nav>");
    element("h1", title);
  }

  private void element(String name, String text) {
    body.append('<').append(name).append('>').append(HtmlUtils.htmlEscape(text, "UTF-8"));
    body.append("</").append(name).append(">\n");
  }

  HtmlPage heading(String id, String text) {
    body.append("<h2 id=\"").append(HtmlUtils.htmlEscape(id, "UTF-8")).append("\">");
    body.append(HtmlUtils.htmlEscape(text, "UTF-8")).append("</h2>\n");
    return this;
  }

  HtmlPage text(String text) {
    element("p", text);
    return this;
  }

  HtmlPage code(String text) {
    element("pre", text);
    return this;
  }

  /** A list of links, each a path and a text. */
  HtmlPage links(List<List<String>> links) {
    body.append("<ul>\n");
    for (List<String> link : links) {
      body.append("<li><a href=\"").append(HtmlUtils.htmlEscape(link.getFirst(), "UTF-8"));
      body.append("\">").append(HtmlUtils.htmlEscape(link.get(1), "UTF-8")).append("</a>");
      if (link.size() > 2) {
        body.append(" – ").append(HtmlUtils.htmlEscape(link.get(2), "UTF-8"));
      }
      body.append("</li>\n");
    }
    body.append("</ul>\n");
    return this;
  }

  /** A table whose first row names the columns. */
  HtmlPage table(List<List<String>> rows) {
    body.append("<table>\n");
    for (int row = 0; row < rows.size(); row++) {
      String cell = row == 0 ? "th" : "td";
      body.append("<tr>");
      rows.get(row).forEach(text -> element(cell, text));
      body.append("</tr>\n");
    }
    body.append("</table>\n");
    return this;
  }

  @Override
  public String toString() {
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"
        + HtmlUtils.htmlEscape(title, "UTF-8")
        + " – Trainyard</title><style>"
        + STYLE
        + "</style></head><body>\n"
        + body
        + "</body></html>\n";
  }
}
