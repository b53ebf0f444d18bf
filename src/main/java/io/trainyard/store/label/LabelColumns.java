package io.trainyard.store.label;

import io.trainyard.label.Labels;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TableRules;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The columns in which a thing has its labels. */
public final class LabelColumns {
  private LabelColumns() {}

  /** The columns that {@link #read} needs, of a table with an alias such as {@code "t."}. */
  public static String of(String alias) {
    return "%1$sdescription, %1$stags, %1$sarchived, %1$sowner_name".formatted(alias);
  }

  /** The labels in a row. */
  public static Labels read(ResultSet row) throws SQLException {
    return new Labels(
        row.getString("description"),
        tags(row.getString("tags")),
        row.getBoolean("archived"),
        row.getString("owner_name"));
  }

  static SortedMap<String, String> tags(@Nullable String text) {
    if (text == null) {
      return Collections.emptySortedMap();
    }
    SortedMap<String, String> tags = new TreeMap<>();
    for (var tag : Json.readObject(text).properties()) {
      tags.put(tag.getKey(), tag.getValue().stringValue());
    }
    return tags;
  }

  /** Tags as they are stored in the column. */
  public static @Nullable String text(SortedMap<String, String> tags) {
    if (tags.isEmpty()) {
      return null;
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    tags.forEach(json::put);
    return json.toString();
  }

  /** The rules of these columns. */
  public static TableRules rules(TableRules table) {
    return table
        .text(
            "description",
            "at most %d characters".formatted(Labels.LONGEST_DESCRIPTION),
            text -> text.length() <= Labels.LONGEST_DESCRIPTION)
        .document("tags", "a JSON object of texts", LabelColumns::readTags)
        .any("archived", "owner_name");
  }

  /** The rules of a table of tags. */
  public static TableRules tagRules(String table, String thing) {
    return TableRules.of(table)
        .text("name", "the name of a tag", text -> text.matches(Labels.TAG_NAME))
        .any(thing, "content");
  }

  private static void readTags(String text) {
    for (JsonNode tag : Json.readObject(text)) {
      if (!tag.isString()) {
        throw new IllegalArgumentException("a tag is no text");
      }
    }
  }
}
