package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.access.Scope;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.inspect.plot.JobPlots;
import io.trainyard.tensor.ElementType;
import io.trainyard.train.StopReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document is whole, and says what generators need. */
@ServiceTest
@Timeout(120)
class OpenApiTest {
  private static final List<String> FIRST_TAGS = List.of("Datasets", "Models", "Jobs", "Predict");

  private static final Pattern VARIABLE = Pattern.compile("(?<folder>[^/]+)/\\{(?<name>[^}]+)}");

  @Autowired private Http http;

  private JsonNode document() {
    return http.get("/v3/api-docs").expect(200).json();
  }

  private static Stream<JsonNode> operations(JsonNode document) {
    return document.get("paths").valueStream().flatMap(JsonNode::valueStream);
  }

  /** Clients are made from it. With {@code -Ddocs.write=true} it is written. */
  @Test
  void committedDocumentIsUpToDate() throws IOException {
    Path committed = Path.of("src", "clients", "openapi.json");
    String document = document().toPrettyString() + "\n";
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(committed, document);
    }
    assertThat(Files.readString(committed).equals(document))
        .as("run this test with -Ddocs.write=true")
        .isTrue();
  }

  @Test
  void pathVariablesHaveOneName() {
    Map<String, Set<String>> names = new TreeMap<>();
    for (String path : document().get("paths").propertyNames()) {
      Matcher variable = VARIABLE.matcher(path);
      while (variable.find()) {
        names
            .computeIfAbsent(variable.group("folder"), _ -> new TreeSet<>())
            .add(variable.group("name"));
      }
    }
    assertThat(names).containsKeys("models", "datasets", "jobs", "versions");
    assertThat(names).allSatisfy((_, of) -> assertThat(of).hasSize(1));
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    JsonNode document = document();
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
      assertThat(schema.path("additionalProperties").asBoolean(true)).isTrue();
      if (schema.path("type").isArray()) {
        assertThat(schema.get("type").valueStream().map(JsonNode::stringValue))
            .as(schema.toString())
            .hasSize(2)
            .contains("null")
            .doesNotContain("object", "array");
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
            .isIn(
                List.of("reference"), List.of("number", "string"),
                List.of("array"), List.of("object"));
      }
      checkUnion(schema);
    }
  }

  /** A client tells objects of a union apart only by a discriminator. */
  private static void checkUnion(JsonNode schema) {
    int objects = 0;
    for (JsonNode form : schema.path("oneOf")) {
      assertThat(form.path("type").asString("")).isNotIn("array", "object", "number");
      objects += form.has("$ref") ? 1 : 0;
    }
    if (schema.path("discriminator").isObject()) {
      assertThat(objects).isEqualTo(schema.get("oneOf").size());
    } else {
      assertThat(objects).as(schema.toString()).isLessThan(2);
    }
  }

  /** A generator for Go makes a constant of each word, without the name of its enum. */
  @Test
  void enumsShareNoWords() {
    List<String> words = new ArrayList<>();
    for (JsonNode schema : document().at("/components/schemas")) {
      schema.path("enum").forEach(word -> words.add(word.asString()));
    }
    assertThat(words).hasSizeGreaterThan(50).doesNotHaveDuplicates();
  }

  @Test
  void enumsAreThoseOfTheCode() {
    JsonNode schemas = document().at("/components/schemas");
    Map<String, Enum<?>[]> known =
        Map.of(
            "OnError", IngestOptions.OnError.values(),
            "PlotKind", JobPlots.Kind.values(),
            "ColumnType", ColumnType.values(),
            "DatasetFormat", Upload.Format.values(),
            "ElementType", ElementType.values());
    known.forEach(
        (name, constants) ->
            assertThat(words(schemas.get(name)))
                .as(name)
                .containsExactlyElementsOf(DescriptionsTest.lower(constants)));
    assertThat(words(schemas.get("Scope")))
        .containsExactlyElementsOf(Stream.of(Scope.values()).map(Scope::word).toList());
    List<@Nullable String> reasons =
        new ArrayList<>(Stream.of(StopReason.values()).map(StopReason::code).toList());
    reasons.add(null);
    assertThat(words(schemas.at("/JobView/properties/stop_reason"))).isEqualTo(reasons);
    assertThat(document().findParents("name"))
        .filteredOn(parameter -> parameter.get("name").asString("").equals("on_error"))
        .allMatch(parameter -> parameter.at("/schema/$ref").asString("").endsWith("/OnError"));
  }

  private static List<@Nullable String> words(JsonNode schema) {
    List<@Nullable String> words = new ArrayList<>();
    schema.get("enum").forEach(word -> words.add(word.isNull() ? null : word.stringValue()));
    return words;
  }

  @Test
  void filesAreFilesAndJsonInAFormIsAText() {
    JsonNode form = document().at("/components/schemas/VersionForm/properties");
    assertThat(form.propertyNames())
        .containsExactly("archive", "spec", "weights", "onnx", "rename", "encoding");
    for (var part : form.properties()) {
      boolean isJson =
          part.getValue().get("contentMediaType").stringValue().equals("application/json");
      assertThat(part.getValue().get("type").stringValue()).isEqualTo("string");
      assertThat(part.getValue().path("format").asString("")).isEqualTo(isJson ? "" : "binary");
    }
    JsonNode body = document().at("/paths/~1v1~1models~1{model}~1versions/post/requestBody");
    assertThat(body.at("/content/multipart~1form-data/example/spec").isString()).isTrue();
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
