package io.trainyard.store.dataset;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.Upload;
import io.trainyard.label.Labels;
import io.trainyard.tensor.Shape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON document in which the database stores a version, apart from its name and number. */
final class DatasetDocument {
  private static final JsonMapper MAPPER = new JsonMapper();

  private DatasetDocument() {}

  static String write(DatasetVersion version) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("format", version.format().name().toLowerCase(Locale.ROOT));
    json.put("sha256", version.sha256());
    json.put("parts", version.parts());
    json.put("rows", version.rows());
    json.put("rejected_rows", version.rejectedRows());
    json.put("bytes", version.bytes());
    ArrayNode columns = json.putArray("columns");
    version.columns().forEach(column -> write(column, columns.addObject()));
    ArrayNode hints = json.putArray("hints");
    for (Hint hint : version.hints()) {
      ObjectNode one = hints.addObject().put("code", hint.code()).put("detail", hint.detail());
      hint.columns().forEach(one.putArray("columns")::add);
    }
    return json.toString();
  }

  private static void write(Column column, ObjectNode json) {
    json.put("name", column.name());
    json.put("type", column.type().word());
    if (column.shape() != null) {
      column.shape().dims().forEach(json.putArray("shape")::add);
    }
    json.put("whole", column.wholeNumbers());
    ColumnProfile profile = column.profile();
    json.put("nulls", profile.nulls());
    json.put("distinct", profile.distinct());
    json.set("min", node(profile.min()));
    json.set("max", node(profile.max()));
    json.put("mean", profile.mean());
    json.put("std", profile.std());
    if (profile.quantiles() != null) {
      profile.quantiles().forEach(json.putObject("quantiles")::put);
    }
    profile.estimated().forEach(json.putArray("estimated")::add);
    ArrayNode top = json.putArray("top");
    for (ColumnProfile.Top frequent : profile.top()) {
      top.addObject().put("count", frequent.count()).set("item", node(frequent.item()));
    }
    if (profile.labels() != null) {
      profile.labels().forEach(json.putArray("labels")::add);
    }
  }

  private static JsonNode node(@Nullable Object item) {
    JsonNodeFactory factory = JsonNodeFactory.instance;
    return switch (item) {
      case null -> factory.nullNode();
      case Long number -> factory.numberNode(number);
      case Double number -> factory.numberNode(number);
      case Boolean truth -> factory.booleanNode(truth);
      default -> factory.stringNode(item.toString());
    };
  }

  static DatasetVersion read(String name, int version, String document, Instant createdAt) {
    JsonNode json = MAPPER.readTree(document);
    List<Column> columns = new ArrayList<>();
    json.path("columns").forEach(column -> columns.add(column(column)));
    List<Hint> hints = new ArrayList<>();
    for (JsonNode hint : json.path("hints")) {
      List<String> names = new ArrayList<>();
      hint.path("columns").forEach(column -> names.add(column.stringValue()));
      hints.add(
          new Hint(hint.path("code").stringValue(), names, hint.path("detail").stringValue()));
    }
    return new DatasetVersion(
        name,
        version,
        Upload.Format.valueOf(json.path("format").stringValue().toUpperCase(Locale.ROOT)),
        json.path("sha256").stringValue(),
        json.path("parts").asInt(1),
        json.path("rows").longValue(),
        json.path("rejected_rows").longValue(),
        json.path("bytes").longValue(),
        columns,
        hints,
        createdAt,
        Labels.NONE);
  }

  private static Column column(JsonNode json) {
    Shape shape = null;
    if (json.has("shape")) {
      List<Integer> dims = new ArrayList<>();
      json.path("shape").forEach(dim -> dims.add(dim.intValue()));
      shape = new Shape(dims);
    }
    List<ColumnProfile.Top> top = new ArrayList<>();
    for (JsonNode frequent : json.path("top")) {
      Object item = item(frequent.path("item"));
      if (item != null) {
        top.add(new ColumnProfile.Top(item, frequent.path("count").longValue()));
      }
    }
    List<String> labels = null;
    if (json.has("labels")) {
      labels = new ArrayList<>();
      for (JsonNode label : json.path("labels")) {
        labels.add(label.stringValue());
      }
    }
    return new Column(
        json.path("name").stringValue(),
        ColumnType.valueOf(json.path("type").stringValue().toUpperCase(Locale.ROOT)),
        shape,
        json.path("whole").booleanValue(),
        new ColumnProfile(
            json.path("nulls").longValue(),
            json.path("distinct").longValue(),
            item(json.path("min")),
            item(json.path("max")),
            number(json.path("mean")),
            number(json.path("std")),
            quantiles(json.path("quantiles")),
            top,
            estimated(json),
            labels));
  }

  private static @Nullable Map<String, Double> quantiles(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    Map<String, Double> quantiles = new LinkedHashMap<>();
    json.properties()
        .forEach(level -> quantiles.put(level.getKey(), level.getValue().doubleValue()));
    return quantiles;
  }

  /**
   * Documents of early builds lack the member: there, distinct counts without labels are estimates.
   */
  private static List<String> estimated(JsonNode json) {
    if (!json.has("estimated")) {
      boolean estimated = !json.has("labels") && json.path("distinct").longValue() > 0;
      return estimated ? List.of(ColumnProfile.DISTINCT) : List.of();
    }
    List<String> members = new ArrayList<>();
    json.path("estimated").forEach(member -> members.add(member.stringValue()));
    return members;
  }

  private static @Nullable Object item(JsonNode node) {
    if (node.isIntegralNumber()) {
      return node.longValue();
    }
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    return node.isString() ? node.stringValue() : null;
  }

  private static @Nullable Double number(JsonNode node) {
    return node.isNumber() ? (Double) node.doubleValue() : null;
  }
}
