package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@ServiceTest
class ValidateTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String MODEL =
      """
      {"name": "validate", "inputs": {"x": {"columns": "*"}}, "targets": {"kind": {"column": "kind"}},
       "network": {"layers": [{"type": "dense", "units": 8, "activation": "relu"},
                              {"type": "dense", "units": %d, "activation": "softmax"}]}}
      """;
  private static final String CSV =
      "width,colour,kind\n1.5,red,a\n2.5,blue,b\n3.5,red,c\n4.5,green,a\n";

  @Autowired private Http http;

  @BeforeEach
  void makeDataset() {
    http.upload("validate", CSV);
  }

  @Test
  void aDatasetMakesShapesExact() {
    JsonNode answer =
        post(
            "{\"model\": "
                + MODEL.formatted(3)
                + ", \"dataset\": {\"name\": \"validate\"},"
                + " \"training\": {\"loss\": \"categorical_crossentropy\", \"epochs\": 5}}");

    assertThat(answer.get("valid").booleanValue()).as(answer.toString()).isTrue();
    assertThat(answer.get("errors").isEmpty()).isTrue();
    assertThat(answer.get("warnings").isEmpty()).as(answer.toString()).isTrue();
    // One number and three colours make four features.
    assertThat(answer.at("/summary/layers/0/parameters").intValue()).isEqualTo(4 * 8 + 8);
    assertThat(answer.at("/summary/layers/1/output_shape/0").intValue()).isEqualTo(3);
    assertThat(answer.at("/summary/multiply_adds").intValue()).isEqualTo(32 + 24);
    assertThat(answer.at("/summary/trainable_parameters").intValue()).isEqualTo(40 + 27);
  }

  @Test
  void faultsAreGatheredAndNothingIsStored() {
    JsonNode answer =
        post(
            "{\"model\": "
                + MODEL.formatted(2)
                + ", \"dataset\": {\"name\": \"validate\"},"
                + " \"training\": {\"loss\": \"categorical_crossentropy\", \"epochs\": 5}}");

    assertThat(answer.get("valid").booleanValue()).isFalse();
    assertThat(answer.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/network/layers/1/units");
    assertThat(http.get("/v1/models/validate").status()).isEqualTo(404);
    JsonNode unknown =
        post("{\"model\": " + MODEL.formatted(2) + ", \"dataset\": {\"name\": \"nowhere\"}}");
    assertThat(unknown.at("/errors/0/pointer").stringValue()).isEqualTo("/dataset/name");
    assertThat(unknown.at("/summary/layers").isArray()).isTrue();
  }

  /** Places of a job. */
  private static final List<String> PLACES =
      List.of(
          "",
          "/dataset",
          "/dataset/split",
          "/model",
          "/model/network",
          "/model/inputs/x",
          "/model/targets/kind",
          "/model/network/layers/0",
          "/training",
          "/training/optimizer",
          "/training/early_stopping",
          "/resources",
          "/on_success");

  /** Members that stand at many places, or may mean anything. */
  private static final Set<String> ANYWHERE =
      Set.of(
          "bias",
          "by",
          "column",
          "columns",
          "input",
          "layer",
          "like",
          "mode",
          "name",
          "offset",
          "output",
          "parametrization",
          "share",
          "shape",
          "type",
          "version");

  @Test
  void aMemberAtAnotherPlaceIsToldWhereItBelongs() {
    Map<String, Set<String>> known = new LinkedHashMap<>();
    for (String place : PLACES) {
      String[] names = fault(place, "xyzxyz").split("known here: ", 2)[1].split(", ");
      known.put(place, Set.of(names));
    }
    for (String place : List.of("", "/dataset", "/model", "/model/network", "/training")) {
      for (Set<String> names : known.values()) {
        for (String name : names) {
          if (!known.getOrDefault(place, Set.of()).contains(name) && !ANYWHERE.contains(name)) {
            assertThat(fault(place, name))
                .as("%s at '%s'", name, place)
                .containsPattern("; (it belongs to|write|did you mean|add a layer|leave it out)");
          }
        }
      }
    }
    assertThat(fault("", "recipe")).contains("\"network\": {\"recipe\": \"auto\"}");
    assertThat(fault("", "target")).contains("\"targets\": {\"price\": {\"column\": \"price\"}}");
  }

  @Test
  void aLayersTypeThatIsNoTextIsToldOnce() {
    JsonNode errors =
        post("{\"model\": " + MODEL.formatted(3).replaceFirst("\"dense\"", "{}") + "}")
            .get("errors");

    assertThat(errors).as(errors.toString()).hasSize(1);
    assertThat(errors.at("/0/pointer").stringValue()).isEqualTo("/model/network/layers/0/type");
  }

  /** What is said of a member that is added at a place. */
  private String fault(String place, String member) {
    ObjectNode job =
        JSON.readValue(
            """
            {"model": %s, "dataset": {"name": "validate", "split": {"validation": 0.25}},
             "training": {"loss": "categorical_crossentropy", "optimizer": {"type": "adam"},
                          "early_stopping": {"patience": 3}},
             "resources": {}, "on_success": {"alias": "best"}}
            """
                .formatted(MODEL.formatted(3)),
            ObjectNode.class);
    ((ObjectNode) job.at(place)).put(member, 1);
    for (JsonNode error : post(job.toString()).get("errors")) {
      if (error.get("pointer").stringValue().equals(place + "/" + member)) {
        return error.get("detail").stringValue();
      }
    }
    return "nothing";
  }

  @Test
  void columnsOfVeryDifferentWidthDrawAWarning() {
    String csv = "age,income,y\n0.1,10000,1\n0.2,90000,2\n0.3,50000,3\n";
    http.upload("widths", csv);
    String model =
        """
        {"name": "w", "inputs": {"x": {"columns": ["age", "income"]%s}}, "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "dense", "units": 1}]}}
        """;

    JsonNode plain =
        post("{\"model\": " + model.formatted("") + ", \"dataset\": {\"name\": \"widths\"}}");
    assertThat(plain.at("/warnings/0/code").stringValue()).isEqualTo("unscaled_inputs");
    JsonNode scaled =
        post(
            "{\"model\": "
                + model.formatted(", \"scale\": \"standard\"")
                + ", \"dataset\": {\"name\": \"widths\"}}");
    assertThat(scaled.get("warnings").isEmpty()).as(scaled.toString()).isTrue();
  }

  @Test
  void aModelWithoutTargetsIsNotTrained() {
    String raw =
        """
        {"model": {"name": "m", "network": {"inputs": {"x": {"shape": [3]}}, "layers": [
           {"type": "dense", "units": 2}]}}%s}
        """;

    assertThat(post(raw.formatted("")).get("valid").booleanValue()).isTrue();
    JsonNode answer = post(raw.formatted(", \"training\": {\"loss\": \"mse\", \"epochs\": 1}"));
    assertThat(answer.findValuesAsString("pointer")).containsExactly("/model/targets");
  }

  @Test
  void aKerasModelBecomesAModelObject() {
    JsonNode answer =
        http.post(
                "/v1/models:convert",
                """
                {"keras": {"class_name": "Sequential", "config": {"name": "net", "layers": [
                  {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "x"}},
                  {"class_name": "Dense", "config": {"name": "out", "units": 3, "activation": "softmax"}}]}}}
                """)
            .json();
    assertThat(answer.at("/model/network/layers/0/units").intValue()).isEqualTo(3);
    assertThat(answer.get("unsupported").isEmpty()).isTrue();
    for (String document : List.of("\"{\"", "\"x\"", "\"[]\"", "7", "{}")) {
      JsonNode refused = http.post("/v1/models:convert", "{\"keras\": " + document + "}").json();
      assertThat(refused.get("model").isNull()).as(document).isTrue();
      assertThat(refused.at("/unsupported").findValuesAsString("pointer"))
          .containsExactly("/keras");
    }
    assertThat(http.post("/v1/models:convert", "{}").status()).isEqualTo(422);
  }

  @Test
  void requestsThatAreNoChecksAreProblems() {
    assertThat(http.post("/v1/models:validate", "[]").status()).isEqualTo(422);
    assertThat(http.post("/v1/models:validate", "{").status()).isEqualTo(400);
  }

  @Test
  void everyFaultOfABodyIsAnError() {
    JsonNode empty = post("{}");
    assertThat(empty.get("valid").booleanValue()).isFalse();
    assertThat(empty.get("errors").findValuesAsString("detail"))
        .containsExactly("'model' is required: a model's name, or a whole model object");
    JsonNode unknown = post("{\"model\": {}, \"x\": 1}");
    assertThat(unknown.get("valid").booleanValue()).isFalse();
    assertThat(unknown.get("errors").findValuesAsString("pointer"))
        .contains("/x", "/model/name", "/model/network");
    assertThat(unknown.at("/errors/0/detail").stringValue()).startsWith("Unknown member 'x'");
    assertThat(post("{\"model\": 3}").at("/errors/0/pointer").stringValue()).isEqualTo("/model");
  }

  @Test
  void aStoredModelHasASummaryAsJsonAndAsATable() {
    String raw =
        """
        {"name": "summarized", "network": {"inputs": {"x": {"shape": [3, 4]}}, "layers": [
          {"type": "dense", "name": "fc", "units": 2}]}}
        """;
    http.post("/v1/models", raw);

    JsonNode json = http.get("/v1/models/summarized/summary").json();
    assertThat(json.at("/layers/0/name").stringValue()).isEqualTo("fc");
    assertThat(json.get("parameters").intValue()).isEqualTo(10);
    String table = http.get("/v1/models/summarized/summary", "Accept", "text/plain").text();
    assertThat(table).contains("fc (dense)").contains("Total parameters: 10");
    assertThat(http.get("/v1/models/missing/summary").status()).isEqualTo(404);
  }

  @Test
  void aModelWhoseShapesNeedDataSaysSo() {
    http.put(
            "/v1/models/unshaped",
            """
            {"inputs": {"x": {"columns": ["image"]}}, "targets": {"y": {"column": "digit"}},
             "network": {"layers": [{"type": "conv2d", "filters": 4, "kernel_size": 3},
                                    {"type": "flatten"}, {"type": "dense", "units": 2}]}}
            """)
        .expect(201);

    JsonNode problem = http.get("/v1/models/unshaped/summary").expect(404).json();
    assertThat(problem.get("code").stringValue()).isEqualTo("version_not_found");
    assertThat(problem.get("detail").stringValue())
        .startsWith("'unshaped' has no version yet, and without data its shapes are not known")
        .contains("/v1/models:validate");
  }

  /** Members are part of the contract: a rename in the code must not reach the answer. */
  @Test
  void answersHaveTheirMembers() {
    JsonNode answer =
        post("{\"model\": " + MODEL.formatted(2) + ", \"dataset\": {\"name\": \"validate\"}}");
    assertThat(answer.propertyNames())
        .containsExactly("valid", "errors", "warnings", "summary", "model", "training");
    assertThat(answer.get("summary").propertyNames())
        .containsExactly(
            "layers",
            "parameters",
            "trainable_parameters",
            "multiply_adds",
            "bytes",
            "training_bytes",
            "training_batch");
    assertThat(answer.at("/summary/layers/0").propertyNames())
        .containsExactly(
            "name",
            "type",
            "inputs",
            "output_shape",
            "formula",
            "parameters",
            "trainable",
            "multiply_adds",
            "bytes",
            "training_bytes");
    JsonNode faults =
        post(
            "{\"model\": {\"name\": \"m\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}},"
                + " \"layers\": [{\"type\": \"dense\", \"units\": 1, \"activation\": \"softmax\"},"
                + " {\"type\": \"flatten\", \"share\": \"x\"}]}}}");
    assertThat(faults.at("/errors/0").propertyNames()).containsExactly("pointer", "detail");
    JsonNode doubtful =
        post(
            "{\"model\": {\"name\": \"m\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}},"
                + " \"layers\": [{\"type\": \"dense\", \"units\": 1, \"activation\":"
                + " \"softmax\"}]}}}");
    assertThat(doubtful.at("/warnings/0").propertyNames())
        .containsExactly("pointer", "code", "detail");
  }

  private JsonNode post(String body) {
    return http.post("/v1/models:validate", body).expect(200).json();
  }
}
