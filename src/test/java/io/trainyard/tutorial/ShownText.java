package io.trainyard.tutorial;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A text reply as a page shows it, compared line by line: {@code …} inside a line stands for any
 * characters, a line {@code …} for any number of lines. Spaces at the end of a line do not count.
 */
record ShownText(String text) {
  private static final String DOTS = "…";

  /** What differs; nothing when the reply is as shown. */
  List<String> differencesTo(String reply) {
    List<String> shown = lines(text);
    List<String> real = lines(reply);
    if (matches(shown, real)) {
      return List.of();
    }
    int line = 0;
    while (line < Math.min(shown.size(), real.size())
        && !shown.get(line).equals(DOTS)
        && matches(shown.get(line), real.get(line))) {
      line++;
    }
    return List.of(
        "line %d: shown '%s', was '%s'".formatted(line + 1, at(shown, line), at(real, line)));
  }

  private static String at(List<String> lines, int line) {
    return line < lines.size() ? lines.get(line) : "(end)";
  }

  private static List<String> lines(String text) {
    return text.stripTrailing().lines().map(String::stripTrailing).toList();
  }

  private static boolean matches(List<String> shown, List<String> real) {
    if (shown.isEmpty()) {
      return real.isEmpty();
    }
    List<String> rest = shown.subList(1, shown.size());
    if (shown.getFirst().equals(DOTS)) {
      for (int skipped = 0; skipped <= real.size(); skipped++) {
        if (matches(rest, real.subList(skipped, real.size()))) {
          return true;
        }
      }
      return false;
    }
    return !real.isEmpty()
        && matches(shown.getFirst(), real.getFirst())
        && matches(rest, real.subList(1, real.size()));
  }

  /** Whether a text is the shown one, in which … stands for any characters. */
  static boolean matches(String shown, String real) {
    StringBuilder pattern = new StringBuilder();
    for (String part : shown.split(DOTS, -1)) {
      pattern.append(pattern.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(real).matches();
  }
}
