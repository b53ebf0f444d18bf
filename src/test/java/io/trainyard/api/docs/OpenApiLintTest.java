package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * The linters of the trade find nothing; their exceptions are in src/test/openapi, with reasons.
 */
@ServiceTest
@Tag("tools")
@Timeout(600)
class OpenApiLintTest {
  private static final Path RULES = Path.of("src/test/openapi").toAbsolutePath();

  @Autowired private Http http;
  @TempDir private Path folder;

  @Test
  void redoclyFindsNothing() throws Exception {
    String found = run("@redocly/cli", "lint", "openapi.json", "--config", RULES + "/redocly.yaml");
    assertThat(found)
        .contains("Your API description is valid")
        .doesNotContain("Warning was generated");
  }

  @Test
  void spectralFindsNothing() throws Exception {
    String found =
        run("@stoplight/spectral-cli", "lint", "openapi.json", "-r", RULES + "/spectral.yaml");
    assertThat(found)
        .contains("No results with a severity of 'error' found!")
        .doesNotContain("warning");
  }

  /** Runs a tool of npm on the document; skipped where npm or its registry is not there. */
  private String run(String tool, String... arguments) throws Exception {
    Run version = start(List.of("npx", "-y", tool, "--version"));
    assumeTrue(version != null && version.status() == 0, "there is no " + tool);
    Files.write(folder.resolve("openapi.json"), http.get("/v3/api-docs").expect(200).bytes());
    List<String> command = new ArrayList<>(List.of("npx", "-y", tool));
    command.addAll(List.of(arguments));
    Run run = Objects.requireNonNull(start(command), tool + " ends in time");
    assertThat(run.status()).as(run.output()).isZero();
    return run.output();
  }

  /** How a command ended, and what it printed. */
  private record Run(int status, String output) {}

  /** Runs a command; null when it cannot be run or does not end. */
  private @Nullable Run start(List<String> command) throws Exception {
    Path log = folder.resolve("output.txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(4, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return null;
      }
      return new Run(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return null;
    }
  }
}
