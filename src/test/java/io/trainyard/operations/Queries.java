package io.trainyard.operations;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of metrics in queries of Prometheus. */
final class Queries {
  private static final Pattern STRING = Pattern.compile("\"(\\\\.|[^\"])*\"");
  private static final Pattern LABELS = Pattern.compile("\\{[^}]*}");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(by|on|ignoring|without|group_left|group_right)\\s*\\([^)]*\\)");
  private static final Pattern NAME =
      Pattern.compile("(?<![\\w$.])([a-zA-Z_:][\\w:]*)(?!\\w)\\s*(\\(?)");
  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "bool", "offset", "by", "on");

  private Queries() {}

  static Set<String> metrics(String query) {
    String bare = query;
    for (Pattern noise : new Pattern[] {STRING, LABELS, RANGE, GROUPING}) {
      bare = noise.matcher(bare).replaceAll(" ");
    }
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      boolean function = !name.group(2).isEmpty();
      if (!function && !WORDS.contains(name.group(1))) {
        names.add(name.group(1));
      }
    }
    return names;
  }
}
