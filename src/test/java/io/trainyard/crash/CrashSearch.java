package io.trainyard.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trainyard.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs networks in child processes. When a network ends its process, a new one goes on behind it.
 */
final class CrashSearch {
  /** A process that a signal ends has this status and the signal's number. */
  private static final int SIGNALLED = 128;

  private static final int FRAMES = 4;
  private static final int FRAME_LENGTH = 150;

  private final Path folder;
  private final NetworkCases cases;
  private final long seed;
  private final long planted;

  private final List<String> deaths = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int run;
  private int diverged;
  private int children;

  CrashSearch(Path folder, long seed) {
    this(folder, seed, -1);
  }

  /**
   * @param folder for the children's logs
   * @param planted the number that ends its process, see {@link UnguardedGroupNorm}; −1 for none
   */
  CrashSearch(Path folder, long seed, long planted) {
    this.folder = folder;
    this.seed = seed;
    this.planted = planted;
    cases = new NetworkCases(seed);
  }

  /**
   * What was found.
   *
   * @param deaths of processes, each with its network, signal and native frame
   * @param failures of valid networks
   * @param diverged trainings that ended with a loss that is not finite, which is allowed
   */
  record Findings(int run, List<String> deaths, List<String> failures, int diverged) {
    Findings {
      deaths = List.copyOf(deaths);
      failures = List.copyOf(failures);
    }
  }

  /** Runs every {@code step}-th network below {@code end}. */
  Findings search(long end, long step) throws IOException, InterruptedException {
    long next = 0;
    while (next < end) {
      next = child(next, end, step) + step;
    }
    return new Findings(run, deaths, failures, diverged);
  }

  /** Runs a child to its end; returns the last number that it ran. */
  private long child(long from, long end, long step) throws IOException, InterruptedException {
    children++;
    Path errors = folder.resolve("child-" + children + ".log");
    Path crash = folder.resolve("child-" + children + ".crash");
    Process process =
        TestProcess.of(
                List.of(
                    "-Xmx512m",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:ErrorFile=" + crash,
                    "--enable-native-access=ALL-UNNAMED"),
                CaseRunner.class,
                String.valueOf(seed),
                String.valueOf(from),
                String.valueOf(end),
                String.valueOf(step),
                String.valueOf(planted))
            .redirectError(errors.toFile())
            .start();
    long begun = -1;
    long ended = -1;
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(CaseRunner.BEGIN)) {
          begun = Long.parseLong(line.substring(CaseRunner.BEGIN.length()));
        } else if (isResult(line)) {
          ended = begun;
        }
      }
    } finally {
      process.destroyForcibly();
    }
    int status = process.waitFor();
    if (begun < 0 || (begun == ended && status != 0)) {
      throw new IllegalStateException(
          "the child ended with %d outside a network: %s".formatted(status, tail(errors)));
    }
    if (begun != ended) {
      run++;
      deaths.add("%s: %s".formatted(described(begun), cause(status, crash, errors)));
    }
    return begun;
  }

  private boolean isResult(String line) {
    if (line.startsWith(CaseRunner.FAILED)) {
      String[] words = line.substring(CaseRunner.FAILED.length()).split(" ", 2);
      failures.add("%s: %s".formatted(described(Long.parseLong(words[0])), words[1]));
    } else if (line.startsWith(CaseRunner.DIVERGED)) {
      diverged++;
    } else if (!line.startsWith(CaseRunner.DONE)) {
      return false;
    }
    run++;
    return true;
  }

  private String described(long number) {
    return "seed %d, number %d (%s) %s"
        .formatted(
            seed,
            number,
            NetworkCases.cell(number),
            number == planted ? "planted" : cases.get(number));
  }

  private static String cause(int status, Path crash, Path errors) throws IOException {
    if (status == CaseRunner.HANGS) {
      return "it took too long: " + tail(errors);
    }
    String signal = status > SIGNALLED ? "signal " + (status - SIGNALLED) : "exit status " + status;
    if (!Files.exists(crash)) {
      return signal + ", " + tail(errors);
    }
    List<String> lines = Files.readAllLines(crash);
    String name =
        lines.stream()
            .filter(line -> line.startsWith("#  SIG"))
            .findFirst()
            .map(line -> line.substring(1).strip())
            .orElse(signal);
    return name + " in " + frames(lines);
  }

  /** The last calls before the signal, the innermost first. */
  private static String frames(List<String> lines) {
    return lines.stream()
        .dropWhile(line -> !line.startsWith("Native frames:"))
        .skip(1)
        .takeWhile(line -> line.startsWith("C "))
        .limit(FRAMES)
        .map(line -> line.substring(0, Math.min(FRAME_LENGTH, line.length())))
        .collect(Collectors.joining("; "));
  }

  private static String tail(Path errors) throws IOException {
    List<String> lines = Files.readAllLines(errors);
    return String.join("; ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }
}
