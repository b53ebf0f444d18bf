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

  /** A path without segments of dots and empty ones; as it is where it has none. */
  static String of(String path) {
    if (!path.contains("/.") && !path.contains("//") && !hasEncodedDot(path)) {
      return path;
    }
    Deque<String> segments = new ArrayDeque<>();
    boolean isFolder = true;
    for (String segment : path.split("/", -1)) {
      String name = name(segment);
      isFolder = name.isEmpty() || name.equals(".") || name.equals("..");
      if (name.equals("..")) {
        segments.pollLast();
      } else if (!isFolder) {
        segments.addLast(segment);
      }
    }
    return "/" + String.join("/", segments) + (isFolder && !segments.isEmpty() ? "/" : "");
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
