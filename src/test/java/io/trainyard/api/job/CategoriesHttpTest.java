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
}
