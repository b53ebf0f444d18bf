package io.trainyard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Paths, status codes and web types of HTTP are in {@code api} alone. */
class HttpInApiOnlyTest {
  private static final Path MAIN = Path.of("src/main/java/io/trainyard");
  private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern HTTP =
      Pattern.compile(
          "\"[^\"\n]*/v[12]/[^\"\n]*\""
              + "|org\\.springframework\\.(?:http|web)\\."
              + "|jakarta\\.servlet\\."
              + "|\\bHttpStatus\\b");

  @Test
  void noOtherPackageKnowsHttp() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(MAIN)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (!file.startsWith(MAIN.resolve("api"))) {
          violations(Files.readString(file)).forEach(match -> found.add(file + ": " + match));
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void plantedViolationsAreFound() {
    assertThat(violations("String path = \"/v1/jobs/\" + id;")).hasSize(1);
    assertThat(violations("import org.springframework.http.HttpStatus;")).isNotEmpty();
    assertThat(violations("import jakarta.servlet.Filter;")).hasSize(1);
    assertThat(violations("// see \"/v1/jobs\"\n/** POST \"/v1/models\" */ int a;")).isEmpty();
  }

  private static List<String> violations(String source) {
    String code = COMMENT.matcher(source).replaceAll("");
    return HTTP.matcher(code).results().map(match -> match.group()).toList();
  }
}
