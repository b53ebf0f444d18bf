package io.trainyard.api.console;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Every place of a schema at which something can be written: each object with the names that its
 * members may have, and each member with the words that it may be. A place is a text with a hole.
 */
final class SchemaPlaces {
  /**
   * A hole in a text.
   *
   * @param before the text up to the hole
   * @param after the rest
   * @param path as a pointer, with the types of the objects on the way
   * @param names of the members that may stand there; empty where a value stands
   * @param words that may be the value, as far as they are listed
   */
  record Place(String before, String after, String path, Set<String> names, Set<String> words) {}

  private static final List<String> KINDS = List.of("type", "function");
  private static final String ANY_NAME = "anything";

  private final JsonNode schema;
  private final List<Place> places = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private SchemaPlaces(JsonNode schema) {
    this.schema = schema;
  }

  static List<Place> of(JsonNode schema) {
    SchemaPlaces found = new SchemaPlaces(schema);
    found.object(List.of(schema), "", "", "");
    return found.places;
  }

  /**
   * An object for which these forms hold: as it is without a type, and with each that it may have.
   */
  private void object(List<JsonNode> forms, String before, String after, String path) {
    List<JsonNode> plain =
        forms.stream().flatMap(form -> opened(form, "object", Map.of())).toList();
    members(plain, before + "{", "}" + after, path, Set.of());
    for (String kind : KINDS) {
      for (JsonNode form : plain) {
        for (JsonNode type : form.at("/properties/" + kind + "/enum")) {
          if (!type.isString()) {
            continue; // null, for nothing
          }
          Map<String, String> chosen = Map.of(kind, type.stringValue());
          members(
              forms.stream().flatMap(each -> opened(each, "object", chosen)).toList(),
              "%s{\"%s\": \"%s\", ".formatted(before, kind, type.stringValue()),
              "}" + after,
              path + "(" + type.stringValue() + ")",
              Set.of(kind));
        }
      }
    }
  }

  private void members(
      List<JsonNode> forms, String before, String after, String path, Set<String> present) {
    Map<String, List<JsonNode>> members = new TreeMap<>();
    for (JsonNode form : forms) {
      form.path("properties")
          .properties()
          .forEach(
              member ->
                  members
                      .computeIfAbsent(member.getKey(), _ -> new ArrayList<>())
                      .add(member.getValue()));
    }
    Set<String> names = new TreeSet<>(members.keySet());
    names.removeAll(present);
    if (!isNew(forms, present + before.substring(before.lastIndexOf('{')))) {
      return;
    }
    places.add(new Place(before, after, path, names, Set.of()));
    Map<String, List<JsonNode>> all = new LinkedHashMap<>(members);
    for (JsonNode form : forms) {
      if (form.path("additionalProperties").isObject()) {
        all.put(ANY_NAME, List.of(form.get("additionalProperties")));
      }
    }
    all.keySet().removeAll(present);
    all.forEach(
        (name, values) -> value(values, before + '"' + name + "\": ", after, path + "/" + name));
  }

  private void value(List<JsonNode> forms, String before, String after, String path) {
    Set<String> words = new TreeSet<>();
    forms.stream()
        .flatMap(form -> opened(form, "string", Map.of()))
        .forEach(
            form ->
                form.path("enum")
                    .valueStream()
                    .filter(JsonNode::isString)
                    .forEach(word -> words.add(word.stringValue())));
    if (!words.isEmpty()) {
      places.add(new Place(before, after, path, Set.of(), words));
    }
    if (forms.stream().anyMatch(form -> takes(form, "object"))) {
      object(forms, before, after, path);
    }
    List<JsonNode> items =
        forms.stream()
            .flatMap(form -> opened(form, "array", Map.of()))
            .filter(form -> form.path("items").isObject())
            .map(form -> form.get("items"))
            .toList();
    if (!items.isEmpty() && isNew(items, "items")) {
      value(items, before + "[", "]" + after, path + "/0");
    }
  }

  /** A form with the forms that it refers to and that hold for a value of the type. */
  private Stream<JsonNode> opened(JsonNode form, String type, Map<String, String> chosen) {
    Stream<JsonNode> inner = Stream.empty();
    if (form.has("$ref")) {
      JsonNode named = schema.at(form.get("$ref").stringValue().substring(1));
      inner = Stream.concat(inner, opened(named, type, chosen));
    }
    for (String word : List.of("allOf", "anyOf")) {
      for (JsonNode each : form.path(word)) {
        inner = Stream.concat(inner, opened(each, type, chosen));
      }
    }
    if (form.has("if")) {
      JsonNode held = form.path(holds(form.get("if"), type, chosen) ? "then" : "else");
      inner = Stream.concat(inner, opened(held, type, chosen));
    }
    return form.isMissingNode() || !takes(form, type)
        ? Stream.empty()
        : Stream.concat(Stream.of(form), inner);
  }

  private boolean holds(JsonNode condition, String type, Map<String, String> chosen) {
    if (condition.has("type") && !takes(condition, type)) {
      return false;
    }
    for (String kind : KINDS) {
      JsonNode wanted = condition.at("/properties/" + kind + "/enum");
      if (!wanted.isMissingNode()) {
        return chosen.containsKey(kind)
            && wanted.valueStream().anyMatch(each -> each.stringValue().equals(chosen.get(kind)));
      }
    }
    return !condition.has("required");
  }

  /** Whether a form allows the type; one that names none allows all. */
  private static boolean takes(JsonNode form, String type) {
    JsonNode types = form.path("type");
    return types.isMissingNode()
        || (types.isString() && types.stringValue().equals(type))
        || types.valueStream().anyMatch(each -> each.stringValue("").equals(type));
  }

  /** Schemas lead back into themselves: layers have layers. */
  private boolean isNew(List<JsonNode> forms, String what) {
    return seen.add(what + forms.stream().map(System::identityHashCode).sorted().toList());
  }
}
