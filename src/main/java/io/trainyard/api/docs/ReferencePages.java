package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.error.ErrorCode;
import io.trainyard.spec.description.Description;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The pages that are made from descriptions: one for each kind of thing, one for each error. */
final class ReferencePages {
  /** The title of each page by the kind in its path. */
  static final Map<String, String> KINDS = kinds();

  private ReferencePages() {}

  private static Map<String, String> kinds() {
    Map<String, String> kinds = new LinkedHashMap<>();
    kinds.put("layer", "Layers");
    kinds.put("activation", "Activations");
    kinds.put("initializer", "Initializers");
    kinds.put("regularizer", "Regularizers and constraints");
    kinds.put("optimizer", "Optimizers");
    kinds.put("loss", "Losses");
    kinds.put("metric", "Metrics");
    kinds.put("schedule", "Learning rate schedules");
    kinds.put("function", "Expression functions");
    kinds.put("scale", "Scalings of inputs and targets");
    kinds.put("encode", "Encodings of categories");
    kinds.put("impute", "Replacements of missing values");
    return kinds;
  }

  /** Where everything is. */
  static String index() {
    List<List<String>> reference = new ArrayList<>();
    KINDS.forEach((kind, title) -> reference.add(List.of("/docs/reference/" + kind, title)));
    List<List<String>> schemas =
        Reference.SCHEMAS.keySet().stream()
            .map(name -> List.of(Reference.path(name), name))
            .toList();
    return new HtmlPage("Trainyard")
        .text("Trains neural networks from JSON and serves them over HTTP.")
        .links(
            List.of(
                List.of("/docs/api", "The HTTP API", "every operation, with examples to try"),
                List.of("/v3/api-docs", "OpenAPI document", "for generators of clients"),
                List.of("/docs/errors", "Errors", "what each code means and what to do")))
        .heading("reference", "Reference")
        .links(reference)
        .heading("schemas", "JSON Schemas")
        .text("Name one as \"$schema\" in a file, and an editor completes and checks it.")
        .links(schemas)
        .toString();
  }

  /** Every error code. */
  static String errors() {
    return new HtmlPage("Errors")
        .text(
            "Errors are RFC 9457 problems. Decide by code; read detail; each entry of errors has"
                + " the pointer of a place in the body.")
        .links(
            Stream.of(ErrorCode.values())
                .map(code -> List.of(Problem.HELP + code.code(), code.code(), code.title()))
                .toList())
        .toString();
  }

  /** What one error code means. */
  static String error(ErrorCode code) {
    Description description =
        Reference.descriptions().of("error").stream()
            .filter(error -> error.name().equals(code.code()))
            .findFirst()
            .orElseThrow();
    return new HtmlPage(code.code())
        .text(code.title() + ".")
        .table(
            List.of(
                List.of("Status", "Type"),
                List.of(
                    String.valueOf(Problem.status(code)), "urn:trainyard:problem:" + code.code())))
        .heading("meaning", "What it means")
        .text(description.summary())
        .heading("remedy", "What to do")
        .text(description.json().path("remedy").asString(""))
        .toString();
  }

  /** Everything of one kind. */
  static String kind(String kind) {
    List<Description> types = Reference.descriptions().of(kind);
    HtmlPage page = new HtmlPage(KINDS.getOrDefault(kind, kind));
    page.links(
        types.stream()
            .map(type -> List.of("#" + type.name(), type.name(), type.summary()))
            .toList());
    types.forEach(type -> describe(type, page));
    return page.toString();
  }

  private static void describe(Description type, HtmlPage page) {
    page.heading(type.name(), String.join(", ", type.words()));
    page.text(type.summary());
    page.code(type.formula());
    if (!type.shape().isEmpty()) {
      page.text("Shapes: " + type.shape());
    }
    if (!type.members().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("Member", "Value", "Default", "Meaning"));
      type.members()
          .properties()
          .forEach(
              member ->
                  rows.add(
                      List.of(
                          member.getKey(),
                          value(member.getValue()),
                          type.required().contains(member.getKey())
                              ? "required"
                              : member.getValue().path("default").toString().replace("\"", ""),
                          member.getValue().path("description").asString(""))));
      page.table(rows);
    }
    page.code(type.example().toString());
    page.table(
        List.of(
            List.of("PyTorch", "Keras", "MATLAB", "Source"),
            List.of(
                type.nameIn("pytorch"),
                type.nameIn("keras"),
                type.nameIn("matlab"),
                type.source())));
  }

  /** The values of a member in words. */
  static String value(JsonNode schema) {
    if (schema.has("$ref")) {
      return schema
          .get("$ref")
          .asString("")
          .replaceFirst(".*/", "")
          .replaceAll("([a-z])([A-Z])", "$1 $2")
          .toLowerCase(Locale.ROOT);
    }
    if (schema.has("anyOf")) {
      return schema
          .get("anyOf")
          .valueStream()
          .map(ReferencePages::value)
          .distinct()
          .collect(Collectors.joining(", or "));
    }
    if (schema.has("enum")) {
      return schema
          .get("enum")
          .valueStream()
          .map(each -> each.asString("null"))
          .collect(Collectors.joining(" | "));
    }
    if (schema.has("const")) {
      return schema.get("const").toString();
    }
    String type =
        schema.path("type").isArray()
            ? schema
                .get("type")
                .valueStream()
                .map(each -> each.asString(""))
                .collect(Collectors.joining(" or "))
            : schema.path("type").asString("any value");
    if (type.equals("array")) {
      return "list of " + value(schema.path("items"));
    }
    return type + range(schema);
  }

  private static String range(JsonNode schema) {
    StringBuilder range = new StringBuilder();
    for (String[] limit :
        new String[][] {
          {"minimum", " ≥ "},
          {"exclusiveMinimum", " > "},
          {"maximum", " ≤ "},
          {"exclusiveMaximum", " < "}
        }) {
      if (schema.has(limit[0])) {
        range.append(range.isEmpty() ? "" : ",").append(limit[1]).append(schema.get(limit[0]));
      }
    }
    return range.toString();
  }
}
