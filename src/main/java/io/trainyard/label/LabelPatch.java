package io.trainyard.label;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A change of labels, as a JSON merge patch (RFC 7396): what it does not name stays, and null
 * removes.
 */
public final class LabelPatch {
  /** The members of bodies that create things. */
  public static final List<String> CREATED = List.of("description", "tags");

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
    check(patch);
    boolean _ = patch.bool("archived", false);
    patch.finish();
    violations.throwIfAny();
    return new LabelPatch(body);
  }

  /** Adds what is wrong with the description and the tags among the members of a body. */
  public static void check(JsonObject members) {
    String description = members.text("description");
    if (description != null && description.length() > Labels.LONGEST_DESCRIPTION) {
      members.violate(
          "description",
          "At most %d characters were expected, but %d came"
              .formatted(Labels.LONGEST_DESCRIPTION, description.length()));
    }
    JsonNode tags = members.get("tags");
    if (tags != null && !tags.isObject()) {
      members.violate(
          "tags",
          "An object of texts was expected, but %s came".formatted(JsonObject.describe(tags)));
    } else if (tags != null) {
      String pointer = members.pointer("tags");
      tags.properties()
          .forEach(tag -> check(pointer, tag.getKey(), tag.getValue(), members.violations()));
      checkNumber(
          pointer, tags.valueStream().filter(tag -> !tag.isNull()).count(), members.violations());
    }
  }

  private static void checkNumber(String pointer, long tags, Violations violations) {
    if (tags > Labels.MOST_TAGS) {
      violations.add(
          pointer,
          "A thing has at most %d tags, and would have %d".formatted(Labels.MOST_TAGS, tags));
    }
  }

  /** The labels of a thing that a checked body creates. */
  public static Labels created(JsonNode body, @Nullable String owner) {
    return new LabelPatch(body).apply(Labels.of(owner));
  }

  private static void check(String tags, String name, JsonNode value, Violations violations) {
    String pointer = Violation.pointer(tags, name);
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
    Violations violations = new Violations();
    checkNumber("/tags", tags.size(), violations);
    violations.throwIfAny();
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
