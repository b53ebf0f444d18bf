package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Aliases, and the versions that predictions use. */
@ServiceTest
@Timeout(120)
class AliasHttpTest {
  @Autowired private Http http;

  @Test
  void aliasesMoveAndPredictFollows() {
    SumNetwork.importAs(http, "moving");
    String spec =
        """
        {"name": "moving", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "activation", "function": "linear", "name": "same"}]}}\
        """;
    JsonNode second = http.importVersion("moving", spec);
    assertThat(second.get("aliases")).isEmpty();
    assertThat(second.get("warnings").findValuesAsString("code")).contains("not_serving");
    assertThat(second.get("warnings").toString())
        .contains("PUT /v1/models/moving/aliases/production {\\\"version\\\": 2}");
    String body = "{\"instances\": [[1, 1]]}";
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[3.5]]");
    Answer moved = http.put("/v1/models/moving/aliases/production", "{\"version\": 1}").expect(200);
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[3.5]]");
    Answer again =
        http.put(
            "/v1/models/moving/aliases/production",
            "{\"version\": 2}",
            "If-Match",
            moved.header("ETag"));
    assertThat(again.json().get("previous_version").intValue()).isEqualTo(1);
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[1.0,1.0]]");
    http.put(
            "/v1/models/moving/aliases/production",
            "{\"version\": 1}",
            "If-Match",
            moved.header("ETag"))
        .expect(412);
    assertThat(http.post("/v1/models/moving/aliases/production/rollback", "").json().toString())
        .contains("\"version\":1");
    http.post("/v1/models/moving/aliases/production/rollback", "").expect(409);
    http.delete("/v1/models/moving/versions/1").expect(409);
    http.delete("/v1/models/moving/versions/2").expect(204);
    http.put("/v1/models/moving/aliases/latest", "{\"version\": 1}").expect(400);
    http.put("/v1/models/moving/aliases/blue", "{\"version\": 9}")
        .expectFault("/version", "no version 9");
    assertThat(
            http.get("/v1/models/moving/aliases/production/history")
                .json()
                .get("entries")
                .findValuesAsString("version"))
        .containsExactly("1", "2", "1");
  }
}
