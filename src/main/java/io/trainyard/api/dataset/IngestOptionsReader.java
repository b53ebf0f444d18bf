package io.trainyard.api.dataset;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads the options of an upload from query parameters or from the part {@code options}. */
final class IngestOptionsReader {
  private IngestOptionsReader() {}

  /** Options from query parameters; {@code types} holds JSON. */
  static IngestOptions read(Map<String, @Nullable String> parameters) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    parameters.forEach(
        (name, text) -> {
          if (text == null) {
            return;
          }
          switch (name) {
            case "types" -> json.set(name, parameter(name, text));
            case "null_values" -> {
              var list = json.putArray(name);
              for (String item : text.split(",", -1)) {
                list.add(item);
              }
            }
            case "image" -> json.set(name, parameter(name, "[" + text.replace('x', ',') + "]"));
            case "header" ->
                json.set(
                    name,
                    text.equals("true") || text.equals("false")
                        ? JsonNodeFactory.instance.booleanNode(text.equals("true"))
                        : JsonNodeFactory.instance.stringNode(text));
            default -> json.put(name, text);
          }
        });
    Violations violations = new Violations();
    IngestOptions options = read(JsonObject.of(json, "", violations), violations);
    if (!violations.isEmpty()) {
      String all =
          violations.list().stream()
              .map(
                  fault ->
                      "The parameter '%s': %s"
                          .formatted(fault.pointer().replaceFirst("/", ""), fault.detail()))
              .collect(Collectors.joining(". "));
      throw ServiceException.parameter(all);
    }
    return options;
  }

  private static JsonNode parameter(String name, String text) {
    try {
      return StrictJson.parse(text);
    } catch (ServiceException e) {
      throw ServiceException.parameter("The parameter '" + name + "' is not JSON: " + e.detail());
    }
  }

  /** Options from members of an object; the caller has already read {@code name}. */
  static IngestOptions read(JsonObject members, Violations violations) {
    IngestOptions.OnError onError = members.choice("on_error", IngestOptions.OnError.REJECT);
    String delimiter = members.text("delimiter");
    if (delimiter != null) {
      delimiter = delimiter.equals("\\t") || delimiter.equals("tab") ? "\t" : delimiter;
      if (delimiter.length() != 1
          || delimiter.charAt(0) > 126
          || (delimiter.charAt(0) < ' ' && delimiter.charAt(0) != '\t')
          || delimiter.equals("\"")) {
        members.violate("delimiter", "One ASCII character other than a quote was expected");
        delimiter = null;
      }
    }
    Boolean header = members.has("header") ? (Boolean) members.bool("header", true) : null;
    List<String> nulls = members.texts("null_values");
    if (nulls != null && (nulls.size() > 100 || nulls.stream().anyMatch(n -> n.length() > 100))) {
      members.violate("null_values", "At most 100 texts of 100 characters were expected");
    }
    String column = members.text("column", "x");
    List<Integer> image = members.integers("image", 1, 4096);
    if (image != null && image.size() != 2) {
      members.violate("image", "Height and width were expected");
    }
    Map<String, ColumnType> types = types(members);
    members.finish();
    return new IngestOptions(
        onError,
        delimiter,
        header,
        types,
        nulls == null ? List.of() : nulls,
        column,
        image == null ? List.of() : image);
  }

  /**
   * Refuses options that a format has no use for.
   *
   * @throws ServiceException INVALID_PARAMETER
   */
  static void check(IngestOptions options, Upload.Format format) {
    boolean text =
        switch (format) {
          case CSV, TSV, JSON, NDJSON -> true;
          case PARQUET, NPY, IMAGES -> false;
        };
    boolean typed = text || format == Upload.Format.PARQUET;
    boolean skips = text || format == Upload.Format.IMAGES;
    if (!text && !options.nullValues().isEmpty()) {
      throw unused("null_values", format, "its values are no texts");
    }
    if (!typed && !options.types().isEmpty()) {
      throw unused("types", format, "its elements have types");
    }
    if (!skips && options.onError() == IngestOptions.OnError.SKIP) {
      throw unused("on_error", format, "its rows are read or refused as a whole");
    }
  }

  private static ServiceException unused(String option, Upload.Format format, String why) {
    return ServiceException.parameter(
        "The option '%s' does nothing for %s, because %s: leave it out"
            .formatted(option, format.mediaType(), why));
  }

  private static Map<String, ColumnType> types(JsonObject members) {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    JsonObject given = members.object("types");
    if (given == null) {
      return types;
    }
    List<String> known = new ArrayList<>();
    for (ColumnType type : ColumnType.values()) {
      if (type != ColumnType.TENSOR) {
        known.add(type.name().toLowerCase(Locale.ROOT));
      }
    }
    for (String column : given.names()) {
      String text = given.text(column);
      if (text != null && known.contains(text)) {
        types.put(column, ColumnType.valueOf(text.toUpperCase(Locale.ROOT)));
      } else if (text != null) {
        given.violate(
            column, "One of " + String.join(", ", known) + " was expected, got '" + text + "'");
      }
    }
    return types;
  }
}
