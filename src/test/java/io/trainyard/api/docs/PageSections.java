package io.trainyard.api.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The sections of pages that have an example, by their headings. */
final class PageSections {
  private static final Pattern SECTION = Pattern.compile("(?ms)^##+ (\\S+)$(.*?)(?=^##|\\z)");
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```json\\n(.*?)\\n```");
  private static final Pattern ALIASES = Pattern.compile("Also written ([^\\n]*)");
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, String> sections = new LinkedHashMap<>();

  private PageSections() {}

  static PageSections of(Path folder, List<String> files) {
    PageSections all = new PageSections();
    for (String file : files) {
      try {
        Matcher section = SECTION.matcher(Files.readString(folder.resolve(file + ".md")));
        while (section.find()) {
          if (EXAMPLE.matcher(section.group(2)).find()) {
            all.sections.put(section.group(1).replace("\\", ""), section.group(2));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  List<String> names() {
    return List.copyOf(sections.keySet());
  }

  /** The section under a heading, or the one that has this name among its other ones. */
  Optional<String> find(String name) {
    return Optional.ofNullable(sections.get(name))
        .or(() -> sections.values().stream().filter(text -> isAlias(name, text)).findFirst());
  }

  private static boolean isAlias(String name, String section) {
    Matcher aliases = ALIASES.matcher(section);
    return aliases.find() && aliases.group(1).contains("`" + name + "`");
  }

  /** The first example under a heading. */
  JsonNode example(String name) {
    Matcher example = EXAMPLE.matcher(find(name).orElseThrow());
    if (!example.find()) {
      throw new AssertionError(name);
    }
    return JSON.readTree(example.group(1));
  }
}
