package io.trainyard.api.docs;

import io.trainyard.api.site.Anchor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The operations of the OpenAPI document, a page for each tag. */
final class HttpPages {
  private static final String PLACE = "#/components/schemas/";

  private final JsonNode document;

  HttpPages(JsonNode document) {
    this.document = document;
  }

  /** The text of each page by the name of its file. */
  Map<String, String> pages() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("http", overview());
    for (JsonNode tag : document.get("tags")) {
      pages.put(file(tag.get("name").stringValue()), page(tag));
    }
    return pages;
  }

  static String file(String tag) {
    return "http-" + tag.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  private record Operation(String method, String path, JsonNode json) {
    String heading() {
      return method + " " + path;
    }
  }

  private List<Operation> operations(String tag) {
    List<Operation> found = new ArrayList<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method -> {
                          if (method.getValue().at("/tags/0").asString("").equals(tag)) {
                            found.add(
                                new Operation(
                                    method.getKey().toUpperCase(Locale.ROOT),
                                    path.getKey(),
                                    method.getValue()));
                          }
                        }));
    return found;
  }

  private String overview() {
    ReferenceText page =
        new ReferenceText(
            "HTTP",
            "Every operation, by what it is about. [The API page](/docs/api) runs them in the"
                + " browser; [the OpenAPI document](/v3/api-docs) is for generators of clients.");
    for (JsonNode tag : document.get("tags")) {
      String name = tag.get("name").stringValue();
      page.heading(2, name);
      page.paragraph(ReferenceText.plain(tag.get("description").stringValue()));
      page.table(
          List.of("Operation", "What it does", "Scope"),
          operations(name).stream()
              .map(
                  operation ->
                      List.of(
                          "[%s](%s.md#%s)"
                              .formatted(
                                  ReferenceText.quoted(operation.heading()),
                                  file(name),
                                  Anchor.of(operation.heading())),
                          ReferenceText.plain(operation.json().path("summary").asString("")),
                          scope(operation)))
              .toList());
    }
    return page.toString();
  }

  private static String scope(Operation operation) {
    List<String> scopes = new ArrayList<>();
    operation
        .json()
        .path("security")
        .findValues("key")
        .forEach(key -> key.forEach(each -> scopes.add(ReferenceText.quoted(each.stringValue()))));
    return scopes.isEmpty() ? "none" : String.join(" or ", scopes);
  }

  private String page(JsonNode tag) {
    String name = tag.get("name").stringValue();
    ReferenceText page =
        new ReferenceText(
            "HTTP: " + name, ReferenceText.plain(tag.get("description").stringValue()));
    operations(name).forEach(operation -> describe(operation, page));
    return page.toString();
  }

  private void describe(Operation operation, ReferenceText page) {
    JsonNode json = operation.json();
    page.heading(2, ReferenceText.plain(operation.heading()));
    page.paragraph(
        "**"
            + ReferenceText.plain(json.path("summary").asString(""))
            + ".** Scope: "
            + scope(operation)
            + ".");
    String sentence = json.path("summary").asString("") + ".";
    String description = json.path("description").asString("").substring(sentence.length()).strip();
    if (!description.isEmpty()) {
      page.paragraph(prose(description));
    }
    parameters(json, page);
    JsonNode body = json.path("requestBody").path("content");
    if (!body.isEmpty()) {
      page.table(
          List.of("Body", "Content"),
          body.properties().stream()
              .map(each -> List.of(ReferenceText.quoted(each.getKey()), schema(each.getValue())))
              .toList());
    }
    answers(json, page);
    page.code("sh", example(operation, body));
  }

  /** Code stays code; all other signs mean themselves. */
  private static String prose(String text) {
    StringBuilder escaped = new StringBuilder();
    String[] parts = text.split("`", -1);
    for (int i = 0; i < parts.length; i++) {
      escaped.append(i % 2 == 1 ? "`" + parts[i] + "`" : ReferenceText.plain(parts[i]));
    }
    return escaped.toString();
  }

  private static void parameters(JsonNode json, ReferenceText page) {
    page.table(
        List.of("Parameter", "In", "Meaning"),
        json.path("parameters")
            .valueStream()
            .map(
                parameter ->
                    List.of(
                        ReferenceText.quoted(parameter.path("name").asString("")),
                        parameter.path("in").asString("")
                            + (parameter.path("required").asBoolean(false) ? ", required" : ""),
                        prose(parameter.path("description").asString(""))))
            .toList());
  }

  private void answers(JsonNode json, ReferenceText page) {
    List<List<String>> rows = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    json.path("responses")
        .properties()
        .forEach(
            answer -> {
              JsonNode content = answer.getValue().path("content");
              if (answer.getKey().compareTo("400") >= 0) {
                problems.add(answer.getKey());
              } else {
                rows.add(
                    List.of(
                        answer.getKey(),
                        prose(answer.getValue().path("description").asString("")),
                        String.join(
                            ", ",
                            content.propertyNames().stream().map(ReferenceText::quoted).toList()),
                        content.isEmpty() ? "" : schema(content.iterator().next())));
              }
            });
    page.table(List.of("Answer", "When", "Media types", "Content"), rows);
    if (!problems.isEmpty()) {
      page.paragraph("Problems: " + String.join(", ", problems) + "; see [errors](errors.md).");
    }
  }

  /** The name of what is in a body, with a link when a page describes it. */
  private static String schema(JsonNode content) {
    String place = content.at("/schema/$ref").asString("");
    if (place.isEmpty()) {
      String type = content.at("/schema/type").asString("");
      return type.equals("string") ? "bytes or text" : type;
    }
    String name = place.substring(PLACE.length());
    return switch (name) {
      case "Job", "Model", "Predict" -> "[" + name + "](" + name.toLowerCase(Locale.ROOT) + ".md)";
      default -> ReferenceText.quoted(name);
    };
  }

  private static String example(Operation operation, JsonNode body) {
    String path = operation.path();
    for (JsonNode parameter : operation.json().path("parameters")) {
      JsonNode value = parameter.path("example");
      if (parameter.path("in").asString("").equals("path") && !value.isMissingNode()) {
        path = path.replace("{" + parameter.get("name").stringValue() + "}", value.asString());
      }
    }
    StringBuilder command = new StringBuilder("curl ");
    JsonNode json = body.path("application/json").path("example");
    boolean implied =
        operation.method().equals("GET")
            || (operation.method().equals("POST") && !json.isMissingNode());
    command.append(implied ? "" : "-X " + operation.method() + " ");
    command.append("\"$URL").append(path).append('"');
    if (!json.isMissingNode()) {
      command.append(" -H 'Content-Type: application/json' -d '");
      command.append(ReferenceText.pretty(json, 0, 0).replace("'", "'\\''")).append('\'');
    }
    return command.toString();
  }
}
