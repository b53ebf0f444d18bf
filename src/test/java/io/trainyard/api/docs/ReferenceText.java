package io.trainyard.api.docs;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Builds a page in Markdown. */
final class ReferenceText {
  private static final int WIDTH = 88;

  private final StringBuilder text = new StringBuilder();

  ReferenceText(String title, String introduction) {
    heading(1, title);
    paragraph(introduction);
  }

  ReferenceText heading(int level, String heading) {
    text.append(text.isEmpty() ? "" : "\n").append("#".repeat(level)).append(' ').append(heading);
    text.append('\n');
    return this;
  }

  /** Nothing when the text is empty. */
  ReferenceText paragraph(String paragraph) {
    if (!paragraph.isEmpty()) {
      text.append('\n').append(paragraph).append('\n');
    }
    return this;
  }

  ReferenceText code(String language, String code) {
    text.append("\n```").append(language).append('\n').append(code).append("\n```\n");
    return this;
  }

  ReferenceText json(JsonNode json) {
    return code("json", pretty(json, 0, 0));
  }

  /** Nothing when there are no rows. */
  ReferenceText table(List<String> columns, List<List<String>> rows) {
    if (!rows.isEmpty()) {
      text.append('\n');
      row(columns);
      row(columns.stream().map(_ -> "---").toList());
      rows.forEach(this::row);
    }
    return this;
  }

  private void row(List<String> cells) {
    text.append('|');
    // An empty cell needs a space, a bar within one ends it.
    cells.forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    text.append('\n');
  }

  ReferenceText list(List<String> items) {
    text.append('\n');
    items.forEach(item -> text.append("- ").append(item).append('\n'));
    return this;
  }

  /** Text as code, also when it has backticks. */
  static String quoted(String words) {
    return words.contains("`") ? "`` " + words + " ``" : "`" + words + "`";
  }

  /** Text in which Markdown's signs mean themselves. */
  static String plain(String words) {
    return words.replaceAll("([*_\\[\\]<>`#])", "\\\\$1");
  }

  /** JSON on one line where it fits, else a line for each member. */
  static String pretty(JsonNode json, int indent, int before) {
    String flat = flat(json);
    if (!json.isContainer() || json.isEmpty() || indent + before + flat.length() <= WIDTH) {
      return flat;
    }
    String inner = " ".repeat(indent + 2);
    StringBuilder lines = new StringBuilder(json.isArray() ? "[" : "{");
    String separator = "\n";
    if (json.isArray()) {
      for (JsonNode element : json) {
        lines.append(separator).append(inner).append(pretty(element, indent + 2, 0));
        separator = ",\n";
      }
    } else {
      for (Map.Entry<String, JsonNode> member : json.properties()) {
        String name = "\"" + member.getKey() + "\": ";
        lines.append(separator).append(inner).append(name);
        lines.append(pretty(member.getValue(), indent + 2, name.length()));
        separator = ",\n";
      }
    }
    return lines + "\n" + " ".repeat(indent) + (json.isArray() ? "]" : "}");
  }

  private static String flat(JsonNode json) {
    if (json.isArray()) {
      return "[" + String.join(", ", json.valueStream().map(ReferenceText::flat).toList()) + "]";
    }
    if (json.isObject()) {
      return "{"
          + String.join(
              ", ",
              json.properties().stream()
                  .map(member -> "\"" + member.getKey() + "\": " + flat(member.getValue()))
                  .toList())
          + "}";
    }
    return json.toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
