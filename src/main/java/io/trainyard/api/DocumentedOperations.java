package io.trainyard.api;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Adds texts and a working example from {@code operations.json} to every operation. */
final class DocumentedOperations implements OpenApiCustomizer {
  static final String RESOURCE = "/documentation/operations.json";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  @Override
  public void customise(OpenAPI document) {
    document.setInfo(
        new Info()
            .title("Trainyard")
            .version("v1")
            .description(
                "Trains neural networks and serves them. Errors are RFC 9457 problems that name"
                    + " the place in the request."));
    document.setServers(List.of());
    for (JsonNode operation : read()) {
      String[] methodAndPath = operation.get("operation").stringValue().split(" ", 2);
      PathItem path = document.getPaths().get(methodAndPath[1]);
      Operation documented =
          path == null
              ? null
              : path.readOperationsMap().get(PathItem.HttpMethod.valueOf(methodAndPath[0]));
      if (documented != null) {
        describe(documented, operation);
      }
    }
  }

  static JsonNode read() {
    try (InputStream in = DocumentedOperations.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + RESOURCE);
      }
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void describe(Operation documented, JsonNode operation) {
    documented.setTags(List.of(operation.get("tag").stringValue()));
    documented.setSummary(operation.get("summary").stringValue());
    documented.setDescription(operation.path("description").asString(""));
    if (documented.getParameters() != null) {
      documented
          .getParameters()
          .forEach(
              parameter -> {
                JsonNode example = operation.path("parameters").path(parameter.getName());
                if (!example.isMissingNode()) {
                  parameter.setExample(
                      example.isNumber() ? example.intValue() : example.asString());
                }
              });
    }
    if (operation.has("body")) {
      documented.setRequestBody(
          body(operation.path("type").asString("application/json"), operation.get("body")));
    }
    documented
        .getResponses()
        .addApiResponse(
            "default",
            new ApiResponse()
                .description("A problem that says what is wrong and where")
                .content(
                    new Content()
                        .addMediaType(Problem.MEDIA_TYPE, new MediaType().schema(problem()))));
  }

  private static RequestBody body(String type, JsonNode example) {
    MediaType content = new MediaType();
    switch (type) {
      case "application/json" ->
          content.schema(new ObjectSchema()).example(MAPPER.convertValue(example, Map.class));
      case "multipart/form-data" -> content.schema(form(example));
      default -> content.schema(new StringSchema()).example(example.stringValue());
    }
    return new RequestBody().required(true).content(new Content().addMediaType(type, content));
  }

  private static Schema<?> form(JsonNode example) {
    Schema<?> form = new ObjectSchema();
    form.addProperty(
        "spec", new ObjectSchema().example(MAPPER.convertValue(example.get("spec"), Map.class)));
    form.addProperty("weights", new StringSchema().format("binary"));
    form.addProperty("rename", new ObjectSchema());
    form.addProperty("encoding", new ObjectSchema());
    return form;
  }

  private static Schema<?> problem() {
    Schema<?> violation = new ObjectSchema();
    violation.addProperty("pointer", new StringSchema());
    violation.addProperty("detail", new StringSchema());
    Schema<?> problem = new ObjectSchema();
    for (String text : List.of("type", "title", "detail", "instance", "code")) {
      problem.addProperty(text, new StringSchema());
    }
    problem.addProperty("status", new IntegerSchema());
    problem.addProperty("errors", new ArraySchema().items(violation));
    return problem;
  }
}
