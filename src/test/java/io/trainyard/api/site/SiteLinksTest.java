package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contents list every page, and no link leads nowhere. */
class SiteLinksTest {
  private static final Path DOCS = Path.of("src/docs");
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

  /** Paths that are served by something other than a page. */
  private static final Set<String> SERVED =
      Set.of("/docs/api", "/docs/errors", "/docs/inference.proto", "/docs/search", "/v3/api-docs");

  @Test
  void theContentsListEveryPageOnce() throws IOException {
    List<String> listed =
        DocPages.packaged().all().stream()
            .map(DocPage::path)
            .filter(path -> !path.equals(DocPages.START))
            .toList();
    assertThat(listed).doesNotHaveDuplicates();
    try (Stream<Path> files = Files.walk(DOCS)) {
      Set<String> pages =
          files
              .map(file -> DOCS.relativize(file).toString())
              .filter(file -> file.endsWith(".md") && !file.equals("index.md"))
              .map(file -> "/docs/" + file.substring(0, file.length() - ".md".length()))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(new TreeSet<>(listed)).isEqualTo(pages);
    }
  }

  @Test
  void everyPageHasOneTitle() {
    for (DocPage page : DocPages.packaged().all()) {
      assertThat(page.sections().stream().filter(section -> section.level() == 1))
          .as(page.path())
          .hasSize(1);
      assertThat(page.sections().getFirst().level()).as(page.path()).isEqualTo(1);
    }
  }

  @Test
  void everyLinkLeadsSomewhere() {
    assertThat(DocPages.packaged().all().stream().flatMap(page -> broken(page).stream())).isEmpty();
  }

  @Test
  void aBrokenLinkIsFound() {
    String text = "# Title\n\n[a](start.md) [b](#titel) [c](../nothing.md) [d](#title) ![e](p.svg)";
    assertThat(broken(DocPage.of("/docs/guides/planted", "", text)))
        .containsExactly(
            "/docs/guides/planted: /docs/guides/start",
            "/docs/guides/planted: /docs/guides/planted#titel",
            "/docs/guides/planted: /docs/nothing",
            "/docs/guides/planted: /docs/guides/p.svg");
  }

  private static List<String> broken(DocPage page) {
    List<String> broken = new ArrayList<>();
    for (MatchResult link : LINK.matcher(page.markdown().html()).results().toList()) {
      String destination = link.group(1);
      if (!destination.startsWith("/docs")) {
        // Operations are checked where they run; other hosts are not asked.
        continue;
      }
      String[] parts = destination.split("#", 2);
      boolean found =
          SERVED.contains(parts[0])
              || (parts[0].matches(".*[.](svg|webp)") && Files.exists(Path.of("src" + parts[0])))
              || (parts[0].equals(page.path())
                  ? hasAnchor(page, parts)
                  : DocPages.packaged()
                      .find(parts[0])
                      .map(target -> hasAnchor(target, parts))
                      .orElse(false));
      if (!found) {
        broken.add(page.path() + ": " + destination);
      }
    }
    return broken;
  }

  private static boolean hasAnchor(DocPage page, String[] parts) {
    return parts.length == 1
        || page.sections().stream().anyMatch(section -> section.id().equals(parts[1]));
  }
}
