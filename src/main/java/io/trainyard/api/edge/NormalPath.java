package io.trainyard.api.edge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * The path of a request without detours. Tomcat routes by the path without them, and Spring by the
 * path as it was sent; so {@code /livez/../v1/jobs} would be a probe to one and jobs to the other.
 */
final class NormalPath {
  private NormalPath() {}

  /**
   * A path without segments of dots and empty ones, so also without a slash at its end; as it is
   * where it has none.
   */
  static String of(String path) {
    boolean hasSlashAtItsEnd = path.length() > 1 && path.endsWith("/");
    if (!hasSlashAtItsEnd && !path.contains("/.") && !path.contains("//") && !hasEncodedDot(path)) {
      return path;
    }
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : path.split("/", -1)) {
      String name = name(segment);
      if (name.equals("..")) {
        segments.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        segments.addLast(segment);
      }
    }
    return "/" + String.join("/", segments);
  }

  private static boolean hasEncodedDot(String path) {
    return path.toLowerCase(Locale.ROOT).contains("/%2e");
  }

  /** A segment without its parameters, and with plain dots. */
  private static String name(String segment) {
    int parameters = segment.indexOf(';');
    String name = parameters < 0 ? segment : segment.substring(0, parameters);
    return name.replace("%2e", ".").replace("%2E", ".");
  }
}
