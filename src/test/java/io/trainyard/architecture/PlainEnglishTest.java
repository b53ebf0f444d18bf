package io.trainyard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.architecture.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Comments, messages and documents use present-day technical English. The list holds words that
 * readers stumbled over; it grows when another one is found.
 */
class PlainEnglishTest {
  private static final Pattern DATED =
      Pattern.compile(
          "(?i)\\b(whoever|whomever|whosoever|meanwhile|anew|thereof|therein|hitherto|hereby|whence"
              + "|of (its|their) own accord|come to nothing|comes to nothing|came to nothing"
              + "|taken up again|takes? up again|handed back|hands? back|made anew"
              + "|lets? go of|data sets?|so many at most|nobody else's|parted from|parts? from"
              + "|is to blame|leavings|held against|holds? against)\\b");

  private static final Pattern DATA_SET_METHOD = Pattern.compile("\\bvoid (\\w*[dD]ataSet\\w*)\\(");

  @Test
  void sourcesAreInPlainEnglish() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path folder : List.of(Sources.MAIN, Sources.TEST)) {
      for (Source source : Sources.below(folder)) {
        if (source.packageName().startsWith("architecture")) {
          continue;
        }
        Stream.concat(source.comments().stream(), source.strings().stream())
            .flatMap(text -> dated(text).stream())
            .forEach(word -> found.add(source.path() + ": " + word));
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void documentsAreInPlainEnglish() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String file :
        List.of(
            "README.md",
            "src/main/resources/application.yml",
            "src/main/resources/documentation/openapi.json",
            "src/main/resources/documentation/operations.json",
            "src/main/resources/documentation/vocabulary.json",
            "src/bench/run",
            "src/bench/watch",
            "src/bench/nets.py",
            "src/bench/newcomer.py",
            "src/bench/peer.py",
            "src/bench/service.py",
            "src/bench/training.py",
            "src/test/upgrade/keep")) {
      files.add(Path.of(file));
    }
    files.addAll(filesBelow("src/test/python", ".py"));
    files.addAll(filesBelow("src/clients", ".py"));
    files.addAll(filesBelow("src/examples", "run.sh"));
    files.addAll(filesBelow("src/docs", ".md"));
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      dated(Files.readString(file)).forEach(word -> found.add(file + ": " + word));
    }
    assertThat(found).isEmpty();
  }

  private static List<Path> filesBelow(String folder, String ending) throws IOException {
    try (var files = Files.walk(Path.of(folder))) {
      List<Path> found = files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
      assertThat(found).as(folder).isNotEmpty();
      return found;
    }
  }

  @Test
  void testNamesSayDatasetAsOneWord() throws IOException {
    List<String> found = new ArrayList<>();
    for (Source source : Sources.below(Sources.TEST)) {
      DATA_SET_METHOD
          .matcher(source.code())
          .results()
          .forEach(method -> found.add(source.path() + ": " + method.group(1)));
    }
    assertThat(found).isEmpty();
  }

  @Test
  void aDatedWordIsFoundAcrossLines() {
    assertThat(dated("/** Whoever\n * comes first. A data\n   * set. */"))
        .containsExactly("Whoever", "data set");
  }

  private static List<String> dated(String text) {
    List<String> found = new ArrayList<>();
    Matcher word = DATED.matcher(text.replaceAll("\\s*\\n\\s*(\\*(?!/)|//|#)?\\s*", " "));
    while (word.find()) {
      found.add(word.group());
    }
    return found;
  }
}
