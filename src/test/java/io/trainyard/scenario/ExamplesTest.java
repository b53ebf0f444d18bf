package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Every example runs as it is printed, and the README's quick start is one of them. */
@ScenarioTest
class ExamplesTest {
  @Autowired private Http http;

  private static final Path EXAMPLES = Path.of("src/examples");

  static List<Path> examples() throws IOException {
    try (var files = Files.walk(EXAMPLES)) {
      return files.filter(file -> file.endsWith("run.sh")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void runs(Path script) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString()).redirectErrorStream(true);
    builder.environment().put("TRAINYARD_URL", http.base());
    Path log = Files.createTempFile("example", ".log");
    Process process = builder.redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(log);
    assertThat(ended).as(output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).doesNotContain("\"state\":\"failed\"").doesNotContain("curl: (");
    assertThat(output).containsAnyOf("\"predictions\":[", "\"valid\":true");
  }

  @Test
  void quickStartIsTheIrisExampleLineByLine() throws Exception {
    List<String> commands =
        Files.readAllLines(EXAMPLES.resolve("iris/run.sh")).stream()
            .filter(line -> line.contains("curl"))
            .toList();
    assertThat(commands).hasSize(6);
    assertThat(Files.readAllLines(Path.of("README.md"))).containsSubsequence(commands);
  }
}
