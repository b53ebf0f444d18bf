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
 * The client for Java, which profile {@code clients} has built, is used as a program of another
 * team would use it: with its jar and the libraries that its project names, and nothing else.
 */
@Tag("clients")
@Timeout(300)
class JavaClientIT {
  private static final Path BUILT = Path.of("src", "clients", "java", "target");

  @TempDir private Path folder;

  @Test
  void builtClientDoesTheMainJob() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    try (ServiceProcess service = ServiceProcess.start(data)) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-cp", classPath()));
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

  private static String classPath() throws IOException {
    try (Stream<Path> files = Files.list(BUILT)) {
      Path client =
          files
              .filter(file -> file.getFileName().toString().matches("trainyard-client-.*\\.jar"))
              .findFirst()
              .orElseThrow();
      return client + File.pathSeparator + BUILT.resolve("lib") + File.separator + "*";
    }
  }
}
