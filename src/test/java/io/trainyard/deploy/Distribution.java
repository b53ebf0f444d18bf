package io.trainyard.deploy;

import io.trainyard.process.MemoryLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The distribution that {@code mvn package} makes, run below a limit of memory. Each JVM of a run
 * notes in a file whether it has mapped a cache.
 *
 * @param home its folder
 * @param limit of memory, for all processes of a run together
 * @param options of the JVM
 * @param logs a folder for the notes of the JVMs
 */
record Distribution(Path home, MemoryLimit limit, List<String> options, Path logs) {
  /** Where Maven puts it. */
  static final Path PACKAGED = Path.of("target", "trainyard");

  /** What a JVM notes when it runs with all classes and objects of a cache. */
  private static final String MAPPED = "Using AOT-linked classes: true";

  record Ended(int code, String output) {}

  Process start(Path output, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(home.resolve("bin/trainyard").toAbsolutePath().toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(limit.command(command))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    List<String> all = new ArrayList<>(options);
    all.add("-Xlog:aot=info:file=%s/%%p.log".formatted(logs.toAbsolutePath()));
    builder.environment().put("TRAINYARD_JAVA_OPTS", String.join(" ", all));
    return builder.start();
  }

  Ended run(String... arguments) throws IOException, InterruptedException {
    Path output = Files.createTempFile("distribution", ".log");
    try {
      int code = start(output, arguments).waitFor();
      return new Ended(code, Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }

  /** How many JVMs have noted anything, and how many of them that they have mapped a cache. */
  record Mapped(int all, int mapped) {}

  /** Counts the notes, and deletes them. */
  Mapped mapped() throws IOException {
    int all = 0;
    int mapped = 0;
    try (Stream<Path> notes = Files.list(logs)) {
      for (Path note : notes.toList()) {
        all++;
        mapped += Files.readString(note, StandardCharsets.UTF_8).contains(MAPPED) ? 1 : 0;
        Files.delete(note);
      }
    }
    return new Mapped(all, mapped);
  }
}
