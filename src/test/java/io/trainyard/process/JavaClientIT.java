package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client for Java that profile {@code clients} attaches to the build is used as a program of
 * another team would use it: with its jar and the libraries that it needs, and nothing else.
 */
@Tag("clients")
@Timeout(300)
class JavaClientIT {
  private static final Path LIBRARIES = Path.of("target", "clients", "lib");

  @TempDir private Path folder;

  @Test
  void attachedClientDoesTheMainJob() throws Exception {
    String client = System.getProperty("trainyard.jar").replaceFirst("\\.jar$", "-client.jar");
    assertThat(Path.of(client)).exists();
    Path data = Files.createDirectory(folder.resolve("data"));
    try (ServiceProcess service = ServiceProcess.start(data)) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-cp", client + File.pathSeparator + libraries()));
      command.addAll(List.of("src/clients/java/FirstModel.java", service.http().base()));
      Path log = folder.resolve("log");
      Process program =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        assertThat(program.waitFor(4, TimeUnit.MINUTES)).isTrue();
      } finally {
        program.destroyForcibly();
      }
      assertThat(Files.readString(log, StandardCharsets.UTF_8))
          .contains("uploaded 200 rows", "succeeded: version 1", "problem 404 job_not_found");
      assertThat(program.exitValue()).isZero();
    }
  }

  private static String libraries() throws IOException {
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      return String.join(
          File.pathSeparator,
          files
              .filter(file -> !file.getFileName().toString().startsWith("openapi-generator-cli"))
              .map(Path::toString)
              .sorted()
              .toList());
    }
  }
}
