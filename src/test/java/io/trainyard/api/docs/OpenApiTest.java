package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document is whole, and says what generators need. */
@ServiceTest
@Timeout(120)
class OpenApiTest {
  private static final List<String> FIRST_TAGS = List.of("Datasets", "Models", "Jobs", "Predict");

  @Autowired private Http http;

  private JsonNode document() {
    return http.get("/v3/api-docs").expect(200).json();
  }

  private static Stream<JsonNode> operations(JsonNode document) {
    return document.get("paths").valueStream().flatMap(JsonNode::valueStream);
  }

  @Test
  void everyReferenceLeadsSomewhere() throws IOException {
    JsonNode document = document();
    Files.writeString(Path.of("target", "openapi.json"), document.toPrettyString());
    Set<String> places = new TreeSet<>(document.findValuesAsString("$ref"));
    assertThat(places).isNotEmpty();
    assertThat(places)
        .allSatisfy(place -> assertThat(document.at(place.substring(1)).isMissingNode()).isFalse());
  }

  @Test
  void operationsHaveNamesOfTheirOwn() {
    List<String> ids =
        operations(document())
            .map(operation -> operation.get("operationId").stringValue())
            .toList();
    assertThat(ids).doesNotHaveDuplicates().contains("submitJob", "predictVersion");
    assertThat(ids).allMatch(id -> id.matches("[a-z][A-Za-z]+"));
  }

  @Test
  void tagsComeInTheOrderOfANewcomer() {
    JsonNode document = document();
    List<String> tags = document.get("tags").findValuesAsString("name");
    assertThat(tags.subList(0, 4)).isEqualTo(FIRST_TAGS);
    Set<String> used = new HashSet<>();
    operations(document)
        .forEach(operation -> operation.get("tags").forEach(tag -> used.add(tag.stringValue())));
    assertThat(tags).containsAll(used);
  }

  @Test
  void everyParameterIsDescribed() {
    List<String> bare = new ArrayList<>();
    operations(document())
        .forEach(
            operation ->
                operation
                    .path("parameters")
                    .forEach(
                        parameter -> {
                          String name = parameter.get("name").stringValue();
                          if (parameter.get("description").stringValue().equals(name + ".")) {
                            bare.add(operation.get("operationId").stringValue() + " " + name);
                          }
                        }));
    assertThat(bare).isEmpty();
  }

  @Test
  void theCodeOfAProblemIsOneOfAll() {
    assertThat(
            document()
                .at("/components/schemas/ErrorCode/enum")
                .valueStream()
                .map(JsonNode::stringValue))
        .containsExactlyElementsOf(Stream.of(ErrorCode.values()).map(ErrorCode::code).toList());
  }

  @Test
  void examplesOfBodiesFitTheirSchemas() {
    JsonNode document = document();
    JsonNode definitions = AnswerSchemas.definitions(document);
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    int checked = 0;
    for (JsonNode operation : operations(document).toList()) {
      JsonNode media = operation.path("requestBody").path("content").path("application/json");
      if (media.has("example")) {
        assertThat(
                registry
                    .getSchema(AnswerSchemas.whole(definitions, media.get("schema")))
                    .validate(media.get("example")))
            .as(operation.get("operationId").stringValue())
            .isEmpty();
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(10);
  }

  /** Lists and maps in a union, constants and sets of enums make clients that don't compile. */
  @Test
  void generatorsUnderstandEverySchema() {
    List<JsonNode> schemas = new ArrayList<>();
    collect(document().at("/components/schemas"), schemas);
    assertThat(schemas).hasSizeGreaterThan(1000);
    for (JsonNode schema : schemas) {
      assertThat(schema.path("const").isValueNode()).as(schema.toString()).isFalse();
      assertThat(schema.path("uniqueItems").isBoolean()).as(schema.toString()).isFalse();
      if (schema.path("type").isArray()) {
        assertThat(schema.get("type").valueStream().map(JsonNode::stringValue))
            .as(schema.toString())
            .hasSize(2)
            .contains("null");
      }
      if (schema.path("anyOf").isArray()) {
        assertThat(
                schema
                    .get("anyOf")
                    .valueStream()
                    .map(form -> form.path("type").asString("reference"))
                    .filter(type -> !type.equals("null"))
                    .toList())
            .as(schema.toString())
            .isIn(List.of("reference"), List.of("number", "string"));
      }
      for (JsonNode form : schema.path("oneOf")) {
        assertThat(form.path("type").asString("")).isNotIn("array", "object", "number");
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> schemas) {
    if (node.isObject()) {
      schemas.add(node);
    }
    node.forEach(child -> collect(child, schemas));
  }

  @Test
  void twinsAreHidden() {
    assertThat(document().get("paths").propertyNames())
        .noneMatch(path -> path.endsWith(":predict"));
  }
}
