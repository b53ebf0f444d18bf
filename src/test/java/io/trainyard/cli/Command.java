package io.trainyard.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One run of the command line, with what it printed. */
public record Command(int code, String out, String err) {
  /** Runs a command for a program. */
  public static Command run(String url, String... arguments) {
    return run(url, false, arguments);
  }

  public static Command onTerminal(String url, String... arguments) {
    return run(url, true, arguments);
  }

  private static Command run(String url, boolean terminal, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        TrainyardCommand.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of("TRAINYARD_URL", url, "TRAINYARD_KEY", "secret"),
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
