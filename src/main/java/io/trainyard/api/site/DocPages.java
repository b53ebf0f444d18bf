package io.trainyard.api.site;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.NameAdvice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every page that {@code docs/contents.json} lists, in its order. A group there has a title, the
 * folder of its pages (none: beside the start), and their names. The titles of the pages are their
 * first headings.
 */
final class DocPages {
  static final String START = "/docs";
  private static final String FOLDER = "/docs/";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** The page whose sections are pages too: problems link to that of their code. */
  private static final String ERRORS = "/docs/reference/errors";

  static final String ERROR = "/docs/errors";
  private static final Pattern SECTION = Pattern.compile("(?ms)^## (.+?)$(.*?)(?=^## |\\z)");

  private final Map<String, DocPage> pages = new LinkedHashMap<>();

  /** Pages that the contents do not list. */
  private final Map<String, DocPage> unlisted = new HashMap<>();

  /** The present paths of pages by their former ones. */
  private final Map<String, String> moved = new HashMap<>();

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
    JsonNode contents = MAPPER.readTree(resource("contents.json"));
    for (JsonNode group : contents.get("groups")) {
      String folder = group.get("folder").stringValue();
      for (JsonNode name : group.get("pages")) {
        String page = folder.isEmpty() ? name.stringValue() : folder + "/" + name.stringValue();
        all.add(DocPage.of(FOLDER + page, group.get("title").stringValue(), text(page)));
      }
    }
    contents
        .get("moved")
        .properties()
        .forEach(
            page -> all.moved.put(FOLDER + page.getKey(), FOLDER + page.getValue().stringValue()));
    all.find(ERRORS).ifPresent(all::addErrors);
    return all;
  }

  private void addErrors(DocPage errors) {
    unlisted.put(ERROR, errors);
    SECTION
        .matcher(errors.source())
        .results()
        .forEach(
            section -> {
              String source = "# " + section.group(1) + "\n" + section.group(2);
              DocPage page = DocPage.of(ERRORS, errors.group(), source);
              unlisted.put(ERROR + "/" + page.title(), page);
            });
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
    return Optional.ofNullable(pages.getOrDefault(path, unlisted.get(path)));
  }

  /** Where a page is that was at this path before. */
  Optional<String> moved(String path) {
    return Optional.ofNullable(moved.get(path));
  }

  /** The page at a path, or a problem that names the nearest. */
  DocPage get(String path) {
    return find(path).orElseThrow(() -> nothing(path));
  }

  private ServiceException nothing(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    Map<String, String> names = new HashMap<>();
    Stream.concat(unlisted.keySet().stream(), pages.keySet().stream())
        .forEach(page -> names.put(page.substring(page.lastIndexOf('/') + 1), page));
    String advice =
        Stream.concat(
                pages.keySet().stream().filter(page -> page.endsWith("/" + name)),
                NameAdvice.similar(name, names.keySet()).map(names::get).stream())
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
