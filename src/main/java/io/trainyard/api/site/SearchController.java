package io.trainyard.api.site;

import io.trainyard.api.PathPrefix;
import io.trainyard.error.ServiceException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Searches the documentation: a page for readers, JSON for programs and for the search box. */
@RestController
class SearchController {
  /** What was found. */
  record Found(String query, List<SearchIndex.Result> results) {}

  /** Holder of what is made at the first search. */
  private static final class Packaged {
    private static final SearchIndex INDEX = new SearchIndex(DocPages.packaged());
  }

  @GetMapping(path = "/docs/search", produces = PageController.HTML)
  String page(@RequestParam(name = "q", defaultValue = "") String query) {
    Found found = find(query);
    StringBuilder main = new StringBuilder("<h1>Search</h1>\n");
    if (query.isBlank()) {
      main.append("<p>Write a name, a word or an error code into the box above.</p>\n");
    } else if (found.results().isEmpty()) {
      main.append("<p>Nothing has all of these words: <strong>")
          .append(PageLayout.escape(query))
          .append("</strong>. Try fewer or shorter words.</p>\n");
    } else {
      main.append("<ol class=\"results\">\n");
      found.results().forEach(result -> main.append(item(result, query)));
      main.append("</ol>\n");
    }
    return PageLayout.ofSearch(query, main.toString());
  }

  @GetMapping(path = "/docs/search", produces = MediaType.APPLICATION_JSON_VALUE)
  Found json(@RequestParam(name = "q", defaultValue = "") String query) {
    Found found = find(query);
    return new Found(
        found.query(),
        found.results().stream()
            .map(
                result ->
                    new SearchIndex.Result(
                        result.page(),
                        result.heading(),
                        PathPrefix.of(result.path()),
                        result.snippet()))
            .toList());
  }

  private static Found find(String query) {
    if (query.length() > SearchIndex.LONGEST_QUERY) {
      throw ServiceException.parameter(
          "q must have at most %d characters, has %d"
              .formatted(SearchIndex.LONGEST_QUERY, query.length()));
    }
    return new Found(query, Packaged.INDEX.find(query));
  }

  private static String item(SearchIndex.Result result, String query) {
    String heading =
        result.heading().equals(result.page())
            ? result.page()
            : result.heading() + " · " + result.page();
    return "<li><a href=\"%s\">%s</a><p>%s</p></li>\n"
        .formatted(
            PageLayout.escape(result.path()),
            PageLayout.escape(heading),
            marked(result.snippet(), SearchIndex.words(query)));
  }

  private static String marked(String text, List<String> words) {
    Matcher found =
        Pattern.compile(
                words.stream()
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|", "(?<![\\p{L}\\p{N}])(?:", ")")),
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
            .matcher(text);
    StringBuilder html = new StringBuilder();
    int at = 0;
    while (found.find()) {
      html.append(PageLayout.escape(text.substring(at, found.start())))
          .append("<mark>")
          .append(PageLayout.escape(found.group()))
          .append("</mark>");
      at = found.end();
    }
    return html.append(PageLayout.escape(text.substring(at))).toString();
  }
}
