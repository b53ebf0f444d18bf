package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Columns of categories, from an upload to a prediction. */
@ServiceTest
@Timeout(120)
class CategoriesHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "%s", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y"}},
         "network": {"layers": [%s]}},
       "dataset": {"name": "visits"},
       "training": {"loss": "mse", "epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 0.01}}}
      """;

  private static final String DENSE = "{\"type\": \"dense\", \"name\": \"d\", \"units\": 1}";

  @Autowired private Http http;

  private void upload() {
    http.upload(
        "visits",
        """
        zip,city,part,y
        99,rome,0.5,1
        10,bonn,1.5,2
        20,,2,3
        10,bonn,3,4
        20,rome,4,5
        10,bonn,5,6
        """);
  }

  private JsonNode validate(String input, String layers) {
    return http.post("/v1/models:validate", JOB.formatted("checked", input, layers))
        .expect(200)
        .json();
  }

  @Test
  void wholeNumbersBecomeCategoriesAndMissingTextsAreFilledIn() {
    upload();
    http.train(
        JOB.formatted(
            "visitors",
            "\"columns\": [\"zip\", \"city\"], \"encode\": {\"zip\": \"one_hot\"}, \"impute\":"
                + " \"most_frequent\"",
            DENSE));

    JsonNode columns =
        http.get("/v1/models/visitors/versions/1").json().at("/encoding/inputs/x/columns");
    assertThat(columns.at("/0/categories").toString()).isEqualTo("[\"10\",\"20\",\"99\"]");
    assertThat(columns.at("/1/fill").stringValue()).isEqualTo("bonn");
    String path = "/v1/models/visitors/predict";
    String filled = http.post(path, "{\"instances\": [{\"zip\": 20, \"city\": null}]}").text();
    assertThat(http.post(path, "{\"instances\": [{\"zip\": 20.0, \"city\": \"bonn\"}]}").text())
        .isEqualTo(filled);
    http.post(path, "{\"instances\": [{\"zip\": 21, \"city\": \"bonn\"}]}")
        .expectFault("/instances/0/zip", "'21' is not among the known categories");
    http.post(path, "{\"instances\": [{\"zip\": \"20\", \"city\": \"bonn\"}]}")
        .expectFault("/instances/0/zip", "A number was expected");
  }

  @Test
  void aTextOfItsOwnMarksMissingValues() {
    upload();
    http.train(
        JOB.formatted(
            "strangers",
            "\"columns\": [\"city\"], \"impute\": {\"constant\": \"unknown\"}",
            DENSE));
    JsonNode column =
        http.get("/v1/models/strangers/versions/1").json().at("/encoding/inputs/x/columns/0");
    assertThat(column.get("categories").toString()).isEqualTo("[\"bonn\",\"rome\",\"unknown\"]");
    assertThat(column.get("impute").toString()).isEqualTo("{\"constant\":\"unknown\"}");
  }

  @Test
  void fractionsHaveNoCategoriesAndNoRowInATable() {
    upload();
    JsonNode fractions =
        validate("\"columns\": [\"part\"], \"encode\": {\"part\": \"one_hot\"}", DENSE);
    assertThat(fractions.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/inputs/x/encode/part");
    JsonNode looked =
        validate(
            "\"columns\": [\"part\"]",
            "{\"type\": \"embedding\", \"vocabulary\": 9, \"dim\": 2}, {\"type\": \"flatten\"}, "
                + DENSE);
    assertThat(looked.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/network/layers/0/vocabulary");
    assertThat(looked.at("/errors/0/detail").stringValue()).contains("holds fractions such as");
  }

  @Test
  void aWordThatWholeNumbersIgnoreIsSaid() {
    upload();
    JsonNode warnings =
        validate("\"columns\": [\"zip\"], \"encode\": \"one_hot\"", DENSE).get("warnings");
    assertThat(warnings.toString())
        .contains("\"encode_ignored\"")
        .contains("/model/inputs/x/encode")
        .contains("{\\\"zip\\\": \\\"one_hot\\\"}");
  }

  private static final String AUTO =
      "{\"type\": \"embedding\", \"name\": \"e\", \"vocabulary\": \"auto\", \"dim\": 2},"
          + " {\"type\": \"flatten\"}, "
          + DENSE;

  private static final String INDEX =
      "\"columns\": [\"zip\"], \"encode\": {\"zip\": \"index\"}, \"unknown\": \"index\"";

  @Test
  void aVocabularyFollowsTheEncodingAndTheVersionHoldsTheNumber() {
    upload();
    http.train(JOB.formatted("auto", INDEX + ", \"min_count\": 2", AUTO));
    JsonNode version = http.get("/v1/models/auto/versions/1").json();
    assertThat(version.at("/encoding/inputs/x/columns/0/categories").toString())
        .isEqualTo("[\"10\",\"20\"]");
    assertThat(version.at("/spec/network/layers/0/vocabulary").intValue()).isEqualTo(3);
    assertThat(
            http.get("/v1/models/auto").json().at("/model/network/layers/0/vocabulary").asString())
        .isEqualTo("auto");
    assertThat(http.get("/v1/models/auto/summary").json().at("/layers/0/parameters").intValue())
        .isEqualTo(6);
    String path = "/v1/models/auto/predict";
    JsonNode answers =
        http.post(path, "{\"instances\": [{\"zip\": 99}, {\"zip\": -5}, {\"zip\": 10}]}")
            .expect(200)
            .json()
            .get("predictions");
    assertThat(answers.get(0)).isEqualTo(answers.get(1)).isNotEqualTo(answers.get(2));
    http.post(path, "{\"instances\": [{\"zip\": null}]}")
        .expectFault("/instances/0/zip", "nothing is imputed");

    // Other rows have other categories; a training that goes on keeps those of its version.
    http.upload("more-visits", "zip,y\n1,1\n2,2\n3,3\n1,1\n2,2\n3,3\n");
    String more =
        """
        {"model": "auto", "dataset": {"name": "more-visits"}%s,
         "training": {"loss": "mse", "epochs": 1}}
        """;
    http.train(more.formatted(""));
    assertThat(vocabulary(2)).isEqualTo(4);
    http.train(more.formatted(", \"initial_weights\": {\"version\": 1}"));
    assertThat(vocabulary(3)).isEqualTo(3);
    assertThat(http.get("/v1/models/auto/versions/3").json().at("/encoding/inputs/x/columns/0"))
        .isEqualTo(version.at("/encoding/inputs/x/columns/0"));
  }

  private int vocabulary(int version) {
    return http.get("/v1/models/auto/versions/" + version)
        .json()
        .at("/spec/network/layers/0/vocabulary")
        .intValue();
  }

  @Test
  void sweepsPhasesAndNestedVersionsKnowTheNumber() {
    upload();
    String sweep =
        http.post(
                "/v1/sweeps",
                """
                {"job": %s, "cross_validation": 2, "objective": "val_loss",
                 "parameters": {"/model/network/layers/0/dim": [1, 2], "/model/inputs/x/min_count": [1, 2]}}
                """
                    .formatted(JOB.formatted("auto-sweep", INDEX, AUTO)))
            .expect(202)
            .location();
    JsonNode swept = http.await(sweep);
    assertThat(swept.get("state").stringValue()).as(swept.toString()).isEqualTo("succeeded");
    JsonNode best = http.get("/v1/models/auto-sweep/versions/1").json();
    assertThat(best.at("/spec/network/layers/0/vocabulary").intValue())
        .isEqualTo(best.at("/encoding/inputs/x/columns/0/categories").size() + 1);
    http.train(
        JOB.formatted("auto-phases", INDEX, AUTO)
            .replace(
                "\"epochs\": 1",
                "\"phases\": [{\"train\": [\"e\"], \"epochs\": 1}, {\"train\": [\"d\"], \"epochs\": 1}]"));
    http.train(
        JOB.formatted(
            "auto-nested",
            INDEX,
            "{\"type\": \"model\", \"ref\": \"auto-phases@1\", \"trainable\": false}, " + DENSE));
    assertThat(
            http.get("/v1/models/auto-nested/versions/1")
                .json()
                .at("/spec/network/layers/0/network/layers/0/vocabulary")
                .intValue())
        .isEqualTo(4);
  }

  @Test
  void withoutADatasetAVocabularyStaysOpenAndTensorsHaveNone() {
    String model =
        """
        {"name": "open", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y"}}, "network": {"layers": [%s]}}
        """
            .formatted(INDEX, AUTO);
    JsonNode open = http.post("/v1/models:validate", "{\"model\": " + model + "}").json();
    assertThat(open.get("valid").booleanValue()).as(open.toString()).isTrue();
    assertThat(open.get("warnings").toString())
        .contains("vocabulary_without_dataset", "/model/network/layers/0/vocabulary");
    assertThat(open.at("/summary/layers/0/formula").stringValue())
        .contains("follows the encoding of 'x'");
    http.post("/v1/models", model).expect(201);
    assertThat(http.get("/v1/models/open/summary").expect(200).text()).contains("encoding of 'x'");
    http.post(
            "/v1/models",
            """
            {"name": "bare", "network": {"inputs": {"t": {"shape": [2]}}, "layers": [
              {"type": "embedding", "vocabulary": "auto", "dim": 2}]}}
            """)
        .expectFault("/network/layers/0/vocabulary", "has none; write the number");
  }
}
