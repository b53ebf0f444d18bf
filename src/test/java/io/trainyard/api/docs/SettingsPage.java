package io.trainyard.api.docs;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every setting: its name, its default and what it means from {@code application.yml}, its type
 * from the record that holds it.
 */
final class SettingsPage {
  private static final Path FILE = Path.of("src/main/resources/application.yml");
  private static final Pattern LINE =
      Pattern.compile("( *)(# )?([a-z][a-z0-9.-]*):(?: +(?!#)(.*?))?(?: +#.*)?");
  private static final Pattern COMMENT = Pattern.compile(" *# (.*)");

  /** A pool is one of any name. */
  private static final String POOL = "trainyard.jobs.pools.cpu";

  /**
   * One setting.
   *
   * @param value its default; "" when it is empty
   */
  record Setting(String name, String value, String meaning) {}

  /** A line of the file that names a setting, or the parent of some. */
  private record Line(int indent, String name, String value, boolean isParent) {}

  /** Settings that stand in comments and that no record of this product holds. */
  private static final List<String> WITHOUT_RECORD =
      List.of("trainyard.memory", "spring.datasource.url");

  /** Types by name, of the settings that records hold. */
  private final Map<String, Class<?>> types = new TreeMap<>();

  /** Types of the entries of settings that are maps. */
  private final Map<String, Class<?>> entries = new TreeMap<>();

  SettingsPage(Collection<Class<?>> holders) {
    for (Class<?> holder : holders) {
      ConfigurationProperties prefix = holder.getAnnotation(ConfigurationProperties.class);
      if (prefix != null && holder.isRecord()) {
        add(prefix.value().isEmpty() ? prefix.prefix() : prefix.value(), holder);
      }
    }
  }

  private void add(String prefix, Class<?> holder) {
    for (RecordComponent component : holder.getRecordComponents()) {
      String name =
          prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      Class<?> type = component.getType();
      if (Map.class.isAssignableFrom(type)) {
        Class<?> value =
            (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[1];
        entries.put(name, value);
        if (value.isRecord()) {
          add(name + ".*", value);
        } else {
          types.put(name + ".*", value);
        }
      } else if (type.isRecord()) {
        add(name, type);
      } else {
        types.put(name, type);
      }
    }
  }

  /** The names of the settings of this product. */
  Collection<String> names() {
    return types.keySet();
  }

  /** All settings of the file, in its order. */
  List<Setting> settings() throws IOException {
    List<Setting> found = new ArrayList<>();
    Deque<Line> parents = new ArrayDeque<>();
    List<String> comment = new ArrayList<>();
    String meaning = "";
    for (String text : Files.readAllLines(FILE)) {
      Optional<Line> read = line(text, parents);
      if (read.isEmpty()) {
        Matcher words = COMMENT.matcher(text);
        if (words.matches()) {
          comment.add(words.group(1));
        } else {
          comment.clear();
          meaning = "";
        }
        continue;
      }
      Line line = read.get();
      boolean ours = line.name().startsWith("trainyard.");
      if (!comment.isEmpty()) {
        meaning = String.join(" ", comment);
        comment.clear();
      } else if (!ours) {
        // Only settings of this product share the comment of the one before.
        meaning = "";
      }
      if (line.isParent()) {
        parents.push(line);
      } else if (!meaning.isEmpty()) {
        found.add(new Setting(line.name(), line.value(), meaning));
      }
    }
    return found;
  }

  /** The setting on a line, or the parent of some; empty for a comment. */
  private Optional<Line> line(String text, Deque<Line> parents) {
    Matcher setting = LINE.matcher(text);
    if (!setting.matches()) {
      return Optional.empty();
    }
    int indent = setting.group(1).length();
    boolean quoted = setting.group(2) != null;
    if (!quoted) {
      parents.removeIf(parent -> parent.indent() >= indent);
    }
    String prefix = parents.isEmpty() ? "" : parents.peek().name() + ".";
    String name = (prefix + setting.group(3)).replace(POOL, POOL.replace("cpu", "*"));
    if (types.containsKey(name + ".*")) {
      name += ".*";
    }
    if (quoted && !types.containsKey(name) && !WITHOUT_RECORD.contains(name)) {
      return Optional.empty();
    }
    String value = setting.group(4) == null ? "" : setting.group(4);
    boolean parent = !quoted && value.isEmpty() && !types.containsKey(name);
    return Optional.of(new Line(indent, name, quoted ? "" : value, parent));
  }

  String text() throws IOException {
    ReferenceText page =
        new ReferenceText(
            "Configuration",
            "A setting is given on the command line (`--trainyard.data-dir=/var/lib/trainyard`), as"
                + " an environment variable (`TRAINYARD_DATA_DIR`), or in a file `application.yml`"
                + " in the folder where the service starts. An unknown name under `trainyard` is"
                + " refused at the start with the nearest known one. Durations are written as"
                + " `500ms`, `30s`, `10m`, `2h` or `90d`; sizes as `64MB` or `8GB`.");
    Map<String, List<Setting>> groups = new LinkedHashMap<>();
    groups.put("trainyard", new ArrayList<>());
    for (Setting setting : settings()) {
      String[] words = setting.name().split("\\.");
      if (!words[0].equals("logging")) {
        String group =
            words[0].equals("trainyard") && words.length > 2 ? words[0] + "." + words[1] : words[0];
        groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(setting);
      }
    }
    groups.forEach((group, settings) -> group(group, settings, page));
    return page.toString();
  }

  /** The settings of this product as Spring's metadata, by which editors complete and explain. */
  String metadata() throws IOException {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    ArrayNode properties = metadata.putArray("properties");
    Set<String> seen = new HashSet<>();
    for (Setting setting : settings()) {
      Class<?> type = types.get(setting.name());
      String name = setting.name().replaceFirst("\\.\\*.*", "");
      if (type != null && seen.add(name)) {
        ObjectNode property = properties.addObject().put("name", name);
        Class<?> entry = entries.get(name);
        property.put(
            "type",
            entry == null
                ? ClassUtils.resolvePrimitiveIfNecessary(type).getName()
                : "java.util.Map<java.lang.String,%s>".formatted(entry.getName()));
        property.put("description", setting.meaning());
        if (!setting.value().isEmpty() && entry == null) {
          property.put("defaultValue", setting.value());
        }
      }
    }
    return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(metadata) + "\n";
  }

  private void group(String group, List<Setting> settings, ReferenceText page) {
    page.heading(2, group);
    page.table(
        List.of("Setting", "Type", "Default", "Meaning"),
        settings.stream()
            .map(
                setting ->
                    List.of(
                        ReferenceText.quoted(setting.name()),
                        type(setting),
                        setting.value().isEmpty() ? "" : ReferenceText.quoted(setting.value()),
                        ReferenceText.plain(setting.meaning())))
            .toList());
  }

  private String type(Setting setting) {
    Class<?> type = types.get(setting.name());
    if (type == null) {
      return setting.name().equals("trainyard.memory") ? "size" : "";
    }
    if (type.isEnum()) {
      return Stream.of(type.getEnumConstants())
          .map(each -> ReferenceText.quoted(each.toString().toLowerCase(Locale.ROOT)))
          .collect(Collectors.joining(", "));
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "list";
    }
    return switch (type.getSimpleName()) {
      case "boolean" -> "boolean";
      case "int", "long", "Integer", "Long" -> "integer";
      case "double", "Double" -> "number";
      case "String" -> "text";
      case "Path", "File" -> "path";
      case "URI", "URL" -> "URL";
      default ->
          type == Duration.class
              ? "duration"
              : type == DataSize.class ? "size" : type.getSimpleName();
    };
  }
}
