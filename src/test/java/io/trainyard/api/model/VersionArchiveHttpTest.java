package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** An exported version is imported without anything that it needed where it was made. */
@ServiceTest
@Timeout(60)
class VersionArchiveHttpTest {
  private static final String INNER =
      """
      {"name": "archived-inner", "network": {"inputs": {"x": {"shape": [2]}},
        "layers": [{"name": "d", "type": "dense", "units": 2}]}}
      """;
  private static final String OUTER =
      """
      {"name": "archived", "network": {"inputs": {"x": {"shape": [2]}},
        "layers": [{"name": "inner", "type": "model", "ref": "archived-inner@1"},
                   {"name": "out", "type": "dense", "units": 1}]}}
      """;
  private static final String PREDICT = "{\"instances\": [[1, 2], [3, -4]]}";

  @Autowired private Http http;

  private byte[] archive() {
    http.importVersion(
        "archived-inner",
        INNER,
        new Weights()
            .with("d.weight", Shape.of(2, 2), 1, 2, 3, 4)
            .with("d.bias", Shape.of(2), 0.5f, -0.5f));
    http.importVersion(
        "archived",
        OUTER,
        new Weights()
            .with("out.weight", Shape.of(1, 2), 1, -1)
            .with("out.bias", Shape.of(1), 0.25f));
    Http.Answer answer = http.get("/v1/models/archived/versions/1/archive").expect(200);
    assertThat(answer.contentType()).isEqualTo("application/zip");
    return answer.bytes();
  }

  @Test
  void importedArchiveNeedsNothingElse() {
    byte[] archive = archive();
    JsonNode predicted = predictions("archived");
    http.delete("/v1/models/archived").expect(204);
    http.delete("/v1/models/archived-inner").expect(204);

    JsonNode made =
        new Multipart()
            .part("archive", archive)
            .post(http, "/v1/models/brought/versions")
            .expect(201)
            .json();

    assertThat(made.get("model").stringValue()).isEqualTo("brought");
    assertThat(predictions("brought")).isEqualTo(predicted);
    assertThat(http.get("/v1/models/brought/versions/1/archive").expect(200).bytes()).isNotEmpty();
    refusals(archive);
  }

  private void refusals(byte[] archive) {
    new Multipart()
        .part("archive", archive)
        .part("spec", INNER)
        .post(http, "/v1/models/refused/versions")
        .expectFault("/spec", "leave 'spec' out");
    new Multipart()
        .part("archive", Http.utf8("no archive"))
        .post(http, "/v1/models/refused/versions")
        .expectFault("/archive", "lacks version.json");
    byte[] cut = Arrays.copyOf(archive, archive.length / 2);
    assertThat(
            new Multipart()
                .part("archive", cut)
                .post(http, "/v1/models/refused/versions")
                .expect(422)
                .code())
        .isEqualTo("invalid_body");
    http.get("/v1/models/refused").expect(404);
  }

  private JsonNode predictions(String model) {
    return http.post("/v1/models/" + model + "/predict", PREDICT)
        .expect(200)
        .json()
        .get("predictions");
  }
}
