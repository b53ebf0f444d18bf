package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The first page that anybody reads: it says what the pages say, and leads somewhere. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");
  private static final Pattern FILE = Pattern.compile("`((?:src|helm|\\.ci)/[^` ]*)`");

  @Test
  void everyFileThatItNamesExists() throws IOException {
    assertThat(missing(Files.readString(README))).isEmpty();
    assertThat(missing(Files.readString(Path.of("src/docs/contributing.md")), FILE)).isEmpty();
    assertThat(missing("[a](src/docs/nothing.md#b) `src/nothing` ![c](src/docs/no.svg)"))
        .containsExactly("src/docs/nothing.md", "src/docs/no.svg", "src/nothing");
  }

  private static List<String> missing(String text) {
    List<String> missing = new ArrayList<>(missing(text, LINK));
    missing.addAll(missing(text, FILE));
    return missing;
  }

  private static List<String> missing(String text, Pattern pattern) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(file -> !Files.exists(Path.of(file)))
        .toList();
  }

  /** TutorialsIT runs that of the first page. */
  @Test
  void itsQuickStartIsThatOfTheFirstPage() throws IOException {
    String readme = blocks(Files.readString(README));
    assertThat(readme).contains("curl", "\"predictions\"");
    assertThat(readme)
        .isEqualTo(
            blocks(Files.readString(Path.of("src/docs/index.md")).replace(" reply\n", "\n")));
  }

  /** The blocks of the section "Quick start". */
  private static String blocks(String text) {
    String section = text.substring(text.indexOf("## Quick start"));
    return section.substring(section.indexOf("```"), section.indexOf("With a table of your own"));
  }
}
