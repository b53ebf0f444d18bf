package io.trainyard.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One run of the command line, with what it printed. */
public record Command(int code, String out, String err) {
  /** Runs a command for a program. */
  static Command run(String url, String... arguments) {
    return run(url, "secret", false, arguments);
  }

  static Command onTerminal(String url, String... arguments) {
    return run(url, "secret", true, arguments);
  }

  /** Runs a command for a program with a key. */
  public static Command withKey(String key, String url, String... arguments) {
    return run(url, key, false, arguments);
  }

  private static Command run(String url, String key, boolean terminal, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        TrainyardCommand.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of("TRAINYARD_URL", url, "TRAINYARD_KEY", key),
            terminal,
            arguments);
    return new Command(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "exit code " + code + "\n" + out + "\n" + err;
  }
}
