package io.trainyard.cli;

import java.io.Console;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Prints for a person or for a program. A person gets aligned tables and a line of progress; a
 * program gets lines with tabs, and no progress.
 */
final class Terminal {
  private static final int BAR = 30;

  /** A faster bar only costs the time of what draws it. */
  private static final long BETWEEN_BARS_NANOS = 100_000_000;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean forPerson;
  private boolean progressShown;
  private long shownAt;

  Terminal(PrintStream out, PrintStream err, boolean forPerson) {
    this.out = out;
    this.err = err;
    this.forPerson = forPerson;
  }

  /** Whether a person reads the output of this process. */
  @SuppressWarnings("SystemConsoleNull") // Java 25 gives null again where there is no terminal
  static boolean isPresent() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  boolean isPlain() {
    return !forPerson;
  }

  PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(out, out.charset()), true);
  }

  PrintWriter errorWriter() {
    return new PrintWriter(new OutputStreamWriter(err, err.charset()), true);
  }

  void print(String text) {
    endProgress();
    out.println(printable(text));
  }

  void error(String text) {
    endProgress();
    err.println(text);
  }

  /** Advice beside the output, which the log of a script keeps too. */
  void warn(String text) {
    error(printable(text));
  }

  /** A remark for a person beside the output; a program does not need it. */
  void remark(String text) {
    if (forPerson) {
      endProgress();
      err.println(text);
    }
  }

  /** Rows below their column names. Numbers align to the right. */
  void table(List<String> columns, List<List<String>> rows) {
    endProgress();
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns);
    lines.addAll(rows);
    if (!forPerson) {
      lines.forEach(line -> out.println(cells(line).collect(Collectors.joining("\t"))));
      return;
    }
    List<Integer> widths =
        IntStream.range(0, columns.size())
            .mapToObj(i -> lines.stream().mapToInt(line -> line.get(i).length()).max().orElse(0))
            .toList();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < line.size(); i++) {
        String cell = printable(line.get(i));
        String space = " ".repeat(Math.max(0, widths.get(i) - cell.length()));
        boolean number = isNumbers(rows, i);
        text.append(number ? space + cell : cell + space).append("  ");
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private static Stream<String> cells(List<String> line) {
    return line.stream().map(cell -> printable(cell).replace('\t', ' ').replace('\n', ' '));
  }

  private static boolean isNumbers(List<List<String>> rows, int column) {
    return !rows.isEmpty()
        && rows.stream()
            .map(row -> row.get(column))
            .allMatch(cell -> cell.isEmpty() || cell.matches("-?[\\d.,]+(e-?\\d+)?"));
  }

  /** A bar that replaces the one before it, with words behind it; at most ten a second. */
  void progress(double fraction, String words) {
    long now = System.nanoTime();
    boolean tooSoon = progressShown && fraction < 1 && now - shownAt < BETWEEN_BARS_NANOS;
    if (!forPerson || tooSoon) {
      return;
    }
    shownAt = now;
    show(fraction, words);
  }

  /** The last bar, which stays: all is done. */
  void completeProgress(String words) {
    if (forPerson) {
      show(1, words);
      err.println();
      progressShown = false;
    }
  }

  private void show(double fraction, String words) {
    double share = Math.clamp(fraction, 0, 1);
    int full = (int) Math.round(share * BAR);
    err.print(
        "\r\u001b[K%s%s %3d %%  %s"
            .formatted(
                "█".repeat(full), "░".repeat(BAR - full), (int) (share * 100), printable(words)));
    err.flush();
    progressShown = true;
  }

  void endProgress() {
    if (progressShown) {
      err.print("\r\u001b[K");
      err.flush();
      progressShown = false;
    }
  }

  /** Without the control characters by which a text could change the terminal. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "�");
  }
}
