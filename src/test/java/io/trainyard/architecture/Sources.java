package io.trainyard.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Source files as text, for rules that bytecode does not show. */
final class Sources {
  static final Path MAIN = Path.of("src/main/java");
  static final Path TEST = Path.of("src/test/java");

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>/\\*.*?\\*/|//[^\\n]*)"
              + "|(?<string>\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\")"
              + "|'(?:\\\\.|[^'\\\\\\n])+'",
          Pattern.DOTALL);

  private Sources() {}

  /** One Java file. */
  record Source(Path path, String text) {
    /** The package, without the product's root: {@code store.csv}; "" for the root. */
    String packageName() {
      Path below = path.subpath(5, path.getNameCount());
      return below.getParent() == null ? "" : below.getParent().toString().replace('/', '.');
    }

    /** Whether the file lies in this package or below it. */
    boolean isIn(String name) {
      return packageName().equals(name) || packageName().startsWith(name + ".");
    }

    /** The file's name without its ending: its type. */
    String name() {
      return path.getFileName().toString().replace(".java", "");
    }

    /** String literals and text blocks; those joined by + count as one. */
    List<String> strings() {
      return tokens("string", joined(text));
    }

    List<String> comments() {
      return tokens("comment", text);
    }

    /** The text without comments and with empty strings. */
    String code() {
      return TOKEN.matcher(text).replaceAll(token -> token.group("string") == null ? " " : "\"\"");
    }

    private static String joined(String text) {
      return text.replaceAll("\"\\s*\\+\\s*\"", "");
    }

    private static List<String> tokens(String group, String text) {
      List<String> found = new ArrayList<>();
      Matcher token = TOKEN.matcher(text);
      while (token.find()) {
        if (token.group(group) != null) {
          found.add(token.group(group));
        }
      }
      return found;
    }
  }

  /** All Java files below a folder, in the order of their paths. */
  static List<Source> below(Path folder) throws IOException {
    List<Source> sources = new ArrayList<>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        sources.add(new Source(file, Files.readString(file)));
      }
    }
    return sources;
  }
}
