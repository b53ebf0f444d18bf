package io.trainyard.dataset;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes the {@code dataset} member of a job. */
final class DatasetSelectionReader {
  private static final int MAX_WHERE = 4000;

  private DatasetSelectionReader() {}

  static @Nullable DatasetSelection read(
      @Nullable JsonNode json, String pointer, Violations violations) {
    int before = violations.size();
    JsonObject members = JsonObject.of(json, pointer, violations);
    String name = members.requiredText("name");
    Integer version = version(members);
    SplitSpec split = split(members.object("split"));
    String where = members.text("where");
    if (where != null && where.length() > MAX_WHERE) {
      members.violate(
          "where", "At most " + MAX_WHERE + " characters were expected, got " + where.length());
    }
    JsonObject other = members.object("validation_dataset");
    DatasetSelection.Reference validation = null;
    if (other != null) {
      validation = new DatasetSelection.Reference(other.requiredText("name"), version(other));
      other.finish();
      if (split != null && (split.validation() > 0 || split.fold() != null)) {
        members.violate(
            "validation_dataset",
            "%s and validation_dataset exclude each other"
                .formatted(split.fold() == null ? "split.validation" : "split.fold"));
      }
    }
    members.finish();
    return split == null || violations.size() > before
        ? null
        : new DatasetSelection(name, version, split, where, validation);
  }

  private static @Nullable Integer version(JsonObject members) {
    if (members.hasText("version") && members.text("version", "").equals("latest")) {
      members.violate(
          "version", "A number was expected, got 'latest'; leave 'version' out for the newest");
      return null;
    }
    return members.has("version") ? members.integer("version", 1, 1, Integer.MAX_VALUE) : null;
  }

  private static @Nullable SplitSpec split(@Nullable JsonObject members) {
    if (members == null) {
      return SplitSpec.NONE;
    }
    JsonNode given = members.get("validation");
    double validation = given == null ? 0 : given.asDouble(0);
    String stratify = members.text("stratify");
    SplitSpec.By by = members.choice("by", SplitSpec.By.RANDOM);
    if (stratify != null && by != SplitSpec.By.RANDOM) {
      members.violate(
          "stratify", "A split by " + by.word() + " cannot keep proportions; leave stratify out");
    }
    String column = column(members, by);
    JsonObject one = members.object("fold");
    FoldSpec fold = one == null ? null : fold(one, validation);
    SplitSpec split =
        members.untangled(
            each -> {
              double share = each.number("validation", 0);
              double test = each.number("test", 0);
              return each.build(() -> new SplitSpec(share, test, stratify, by, column, fold));
            });
    members.finish();
    return one != null && fold == null ? null : split;
  }

  /** The column that decides with the rows; null when none does, or a violation says why. */
  private static @Nullable String column(JsonObject members, SplitSpec.By by) {
    String group = members.text("group");
    String column = members.text("column");
    if (by == SplitSpec.By.COLUMN) {
      for (String share : List.of("validation", "test")) {
        if (members.has(share)) {
          members.violate(share, "The column says which rows these are; leave '" + share + "' out");
        }
      }
    }
    check(members, "group", group, by == SplitSpec.By.GROUP, "says to which group a row belongs");
    check(
        members,
        "column",
        column,
        by == SplitSpec.By.COLUMN,
        "has the word training, validation or test in each row");
    return by == SplitSpec.By.GROUP ? group : by == SplitSpec.By.COLUMN ? column : null;
  }

  private static void check(
      JsonObject members, String member, @Nullable String name, boolean isRead, String meaning) {
    if (isRead && name == null && !members.has(member)) {
      members.violate(member, "The name of the column that " + meaning + " was expected");
    } else if (!isRead && members.has(member)) {
      members.violate(
          member, "'%1$s' needs \"by\": \"%1$s\"; add it, or leave this out".formatted(member));
    }
  }

  private static @Nullable FoldSpec fold(JsonObject members, double validation) {
    int number = members.requiredInteger("number", 0, FoldSpec.MAX);
    int of = members.requiredInteger("of", 1, FoldSpec.MAX);
    members.finish();
    if (of > 1 && validation > 0) {
      members
          .violations()
          .add(members.pointer(), "A fold gives the rows to validate on; leave 'validation' out");
    }
    return members.build(() -> new FoldSpec(number, of));
  }

  static ObjectNode write(DatasetSelection selection) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", selection.name());
    json.put("version", selection.version());
    SplitSpec split = selection.split();
    if (!split.equals(SplitSpec.NONE)) {
      ObjectNode members = json.putObject("split");
      boolean inShares = split.by() != SplitSpec.By.COLUMN;
      if (inShares) {
        members.put("validation", split.validation());
        members.put("test", split.test());
      }
      if (split.stratify() != null) {
        members.put("stratify", split.stratify());
      }
      if (split.by() != SplitSpec.By.RANDOM) {
        members.put("by", split.by().word());
      }
      if (split.column() != null) {
        members.put(inShares ? "group" : "column", split.column());
      }
      if (split.fold() != null) {
        members.putObject("fold").put("number", split.fold().number()).put("of", split.fold().of());
      }
    }
    if (selection.where() != null) {
      json.put("where", selection.where());
    }
    if (selection.validation() != null) {
      ObjectNode validation = json.putObject("validation_dataset");
      validation.put("name", selection.validation().name());
      validation.put("version", selection.validation().version());
    }
    return json;
  }
}
