package io.trainyard.api;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.label.Labels;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A change of labels, as a JSON merge patch (RFC 7396): what it does not name stays, and null
 * removes.
 */
public final class LabelPatch {
  private final JsonNode body;

  private LabelPatch(JsonNode body) {
    this.body = body;
  }

  /**
   * Reads a patch.
   *
   * @throws io.trainyard.error.ServiceException INVALID_BODY with every violation
   */
  public static LabelPatch of(JsonNode body) {
    Violations violations = new Violations();
    JsonObject patch = JsonObject.of(body, "", violations);
    String description = patch.text("description");
    if (description != null && description.length() > Labels.LONGEST_DESCRIPTION) {
      patch.violate(
          "description",
          "At most %d characters were expected, but %d came"
              .formatted(Labels.LONGEST_DESCRIPTION, description.length()));
    }
    boolean _ = patch.bool("archived", false);
    JsonNode tags = patch.get("tags");
    if (tags != null && !tags.isObject()) {
      patch.violate(
          "tags",
          "An object of texts was expected, but %s came".formatted(JsonObject.describe(tags)));
    } else if (tags != null) {
      tags.properties().forEach(tag -> check(tag.getKey(), tag.getValue(), violations));
    }
    patch.finish();
    violations.throwIfAny();
    return new LabelPatch(body);
  }

  private static void check(String name, JsonNode value, Violations violations) {
    String pointer = Violation.pointer("/tags", name);
    if (!name.matches(Labels.TAG_NAME)) {
      violations.add(
          pointer,
          "The name of a tag matches %s, was '%s'"
              .formatted(Labels.TAG_NAME, JsonObject.shorten(name)));
    } else if (!value.isNull() && !value.isString()) {
      violations.add(
          pointer,
          "A text, or null to remove the tag, was expected, but %s came; write \"%s\""
              .formatted(JsonObject.describe(value), JsonObject.shorten(value.toString())));
    } else if (value.isString() && value.stringValue().length() > Labels.LONGEST_TAG) {
      violations.add(
          pointer,
          "At most %d characters were expected, but %d came"
              .formatted(Labels.LONGEST_TAG, value.stringValue().length()));
    }
  }

  /**
   * The labels after the change.
   *
   * @throws io.trainyard.error.ServiceException INVALID_BODY when they have too many tags
   */
  public Labels apply(Labels before) {
    SortedMap<String, String> tags = new TreeMap<>(before.tags());
    if (body.has("tags")) {
      if (body.get("tags").isNull()) {
        tags.clear();
      }
      body.get("tags")
          .properties()
          .forEach(
              tag -> {
                if (tag.getValue().isNull()) {
                  tags.remove(tag.getKey());
                } else {
                  tags.put(tag.getKey(), tag.getValue().stringValue());
                }
              });
    }
    if (tags.size() > Labels.MOST_TAGS) {
      Violations violations = new Violations();
      violations.add(
          "/tags",
          "A thing has at most %d tags, and would have %d"
              .formatted(Labels.MOST_TAGS, tags.size()));
      violations.throwIfAny();
    }
    return new Labels(
        body.has("description") ? text(body.get("description")) : before.description(),
        tags,
        body.has("archived") ? body.get("archived").asBoolean(false) : before.archived(),
        before.owner());
  }

  private static @Nullable String text(JsonNode value) {
    return value.isNull() || value.stringValue().isEmpty() ? null : value.stringValue();
  }
}
