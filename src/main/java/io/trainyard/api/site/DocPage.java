package io.trainyard.api.site;

import java.util.List;

/**
 * One page.
 *
 * @param path where it is served
 * @param group the title of the part of the contents that it belongs to
 */
record DocPage(String path, String group, String source, Markdown markdown) {
  static DocPage of(String path, String group, String source) {
    return new DocPage(
        path,
        group,
        source,
        new Markdown(source, path.equals(DocPages.START) ? path + "/index" : path));
  }

  String title() {
    return markdown.title();
  }

  List<Markdown.Section> sections() {
    return markdown.sections();
  }
}
