package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a version knows of the table that it was trained on, beside its encoding. It is stored apart
 * from the encoding, in which earlier releases refuse members that they do not know.
 *
 * @param unread the columns of the table that no input and no target reads
 * @param meanTimes by column of times, the mean of the training rows in seconds since 1970
 */
public record TableFacts(List<String> unread, Map<String, Double> meanTimes) {
  /** Nothing is known. */
  public static final TableFacts NONE = new TableFacts(List.of(), Map.of());

  public TableFacts {
    unread = List.copyOf(unread);
    meanTimes = Map.copyOf(meanTimes);
  }

  /** The facts of a table, and of the rows of it that an encoding was fitted to. */
  public static TableFacts of(DatasetVersion table, Encoding fitted) {
    Set<String> read = fitted.columnNames();
    List<String> unread =
        table.columns().stream()
            .map(Column::name)
            .filter(column -> !read.contains(column))
            .toList();
    Map<String, Double> means = new LinkedHashMap<>();
    for (ColumnEncoding column : fitted.inputColumns()) {
      if (column instanceof ColumnEncoding.Numeric number
          && number.isTime()
          && Double.isFinite(number.known().mean())) {
        means.put(column.column(), number.known().mean());
      }
    }
    return new TableFacts(unread, means);
  }

  /** Reads what {@link #toJson} wrote; what is missing or of another form is not known. */
  public static TableFacts fromJson(JsonNode json) {
    List<String> unread = new ArrayList<>();
    for (JsonNode name : json.path("unread")) {
      if (name.isString()) {
        unread.add(name.stringValue());
      }
    }
    Map<String, Double> means = new LinkedHashMap<>();
    json.path("mean_times")
        .properties()
        .forEach(
            mean -> {
              if (mean.getValue().isNumber()) {
                means.put(mean.getKey(), mean.getValue().doubleValue());
              }
            });
    return new TableFacts(unread, means);
  }

  public JsonNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode names = json.putArray("unread");
    unread.forEach(names::add);
    ObjectNode means = json.putObject("mean_times");
    meanTimes.forEach(means::put);
    return json;
  }
}
