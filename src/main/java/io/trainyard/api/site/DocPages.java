package io.trainyard.api.site;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.NameAdvice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every page that {@code docs/contents.json} lists, in its order. A group there has a title, the
 * folder of its pages, and their names. The titles of the pages are their first headings.
 */
final class DocPages {
  static final String START = "/docs";
  private static final String FOLDER = "/docs/";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Map<String, DocPage> pages = new LinkedHashMap<>();

  /** Holder of what is read at the first use. */
  private static final class Packaged {
    private static final DocPages PAGES = read();
  }

  /** Those in the jar. */
  static DocPages packaged() {
    return Packaged.PAGES;
  }

  private static DocPages read() {
    DocPages all = new DocPages();
    all.add(DocPage.of(START, "Start", text("index")));
    for (JsonNode group : MAPPER.readTree(resource("contents.json")).get("groups")) {
      String folder = group.get("folder").stringValue();
      for (JsonNode name : group.get("pages")) {
        String page = folder + "/" + name.stringValue();
        all.add(DocPage.of(FOLDER + page, group.get("title").stringValue(), text(page)));
      }
    }
    return all;
  }

  private static String text(String page) {
    return new String(resource(page + ".md"), StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) {
    try (InputStream in = DocPages.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("the contents of the documentation list " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(DocPage page) {
    pages.put(page.path(), page);
  }

  List<DocPage> all() {
    return List.copyOf(pages.values());
  }

  /** The pages by the title of their group. */
  Map<String, List<DocPage>> groups() {
    Map<String, List<DocPage>> groups = new LinkedHashMap<>();
    pages
        .values()
        .forEach(page -> groups.computeIfAbsent(page.group(), _ -> new ArrayList<>()).add(page));
    return groups;
  }

  Optional<DocPage> find(String path) {
    return Optional.ofNullable(pages.get(path));
  }

  /** The page at a path, or a problem that names the nearest. */
  DocPage get(String path) {
    return find(path).orElseThrow(() -> nothing(path));
  }

  private ServiceException nothing(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    String advice =
        Stream.concat(
                pages.keySet().stream().filter(page -> page.endsWith("/" + name)),
                NameAdvice.similar(path, pages.keySet()).stream())
            .findFirst()
            .map(page -> "; did you mean " + page + "?")
            .orElse("");
    return new ServiceException(
        ErrorCode.ROUTE_NOT_FOUND,
        "There is no page %s%s %s lists all pages"
            .formatted(path, advice.isEmpty() ? ";" : advice, START));
  }

  /** The page before and the page after; absent at the ends. */
  Optional<DocPage> beside(DocPage page, int step) {
    List<DocPage> all = all();
    int at = all.indexOf(page) + step;
    return at >= 0 && at < all.size() && all.contains(page)
        ? Optional.of(all.get(at))
        : Optional.empty();
  }
}
