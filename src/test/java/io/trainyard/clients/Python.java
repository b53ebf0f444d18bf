package io.trainyard.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The system's Python, which has Debian's libraries. */
final class Python {
  static final String COMMAND = "/usr/bin/python3";

  private Python() {}

  /** Whether it is there and runs a line, such as an import. */
  static boolean runs(String line) {
    try {
      return start(List.of("-c", line)).waitFor() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Runs a script, which must succeed, and gives what it prints. */
  static String run(String... scriptAndArguments) throws IOException, InterruptedException {
    Process process = start(List.of(scriptAndArguments));
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(COMMAND, "-B"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("TRAINYARD_"));
    return builder.start();
  }
}
