package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a caller gives has an effect, or is refused; only a caller who says so may give more. */
@ScenarioTest
class NothingIgnoredTest {
  @Autowired private Http http;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/x-npy              | null_values=NA                  | null_values",
        "application/x-npy              | types=%7B%22x%22%3A%22string%22%7D | types",
        "application/x-npy              | on_error=skip                   | on_error",
        "application/vnd.apache.parquet | null_values=NA                  | null_values",
        "application/vnd.apache.parquet | on_error=skip                   | on_error",
      })
  void anOptionWithoutEffectIsRefused(String type, String query, String option) {
    Http.Answer answer = http.post("/v1/datasets?name=ignored&" + query, type, new byte[] {1});
    assertThat(answer.expectProblem(400, "invalid_parameter").json().get("detail").stringValue())
        .contains("The option '" + option + "' does nothing for " + type, "leave it out");
  }

  @Test
  void aWindowedModelTakesItsOwnGroupAndOrderColumnsAndDropsOthersOnRequest() {
    MistakenJobs.datasets()
        .forEach(
            (name, rows) -> {
              if (name.equals("mistakes")) {
                http.upload(name, rows);
              }
            });
    http.train(MistakenJobs.body("series {'/model/name': 'series-with-more'}"));
    String path = "/v1/models/series-with-more/predict";
    String window = "\"a\": [0.1, 0.2], \"b\": [0.3, 0.4]";
    JsonNode expected = predictions(path, "{" + window + "}");
    String own = "\"shop\": [\"north\", \"north\"], \"day\": [\"2026-01-01\", \"2026-01-02\"]";
    assertThat(predictions(path, "{" + window + ", " + own + "}")).isEqualTo(expected);

    String more = "{" + window + ", \"remark\": 1}";
    http.post(path, "{\"instances\": [" + more + "]}")
        .expectFault("/instances/0/remark", "with ignore_unknown=true such members are left out");
    assertThat(predictions(path + "?ignore_unknown=true", more)).isEqualTo(expected);
  }

  private JsonNode predictions(String path, String instance) {
    return http.post(path, "{\"instances\": [" + instance + "]}")
        .expect(200)
        .json()
        .get("predictions");
  }
}
