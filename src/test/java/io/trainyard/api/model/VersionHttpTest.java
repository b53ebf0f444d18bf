package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Versions that are imported and read back. */
@ServiceTest
@Timeout(120)
class VersionHttpTest {
  @Autowired private Http http;

  @Test
  void weightsThatDoNotFitAreListed() {
    String spec =
        """
        {"name": "misfit", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 2}]}}\
        """;
    Answer answer =
        new Multipart()
            .part("spec", spec)
            .part(
                "weights",
                new Weights()
                    .with("h.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
                    .with("g.bias", Shape.of(2), 0, 0)
                    .bytes())
            .post(http, "/v1/models/misfit/versions");
    answer.expectProblem(422, "weights_mismatch");
    assertThat(answer.pointers())
        .containsExactlyInAnyOrder("/weights/h.weight", "/weights/h.bias", "/weights/g.bias");
    http.get("/v1/models/misfit").expect(404);

    new Multipart()
        .part("spec", spec)
        .part("weights", "garbage")
        .post(http, "/v1/models/misfit/versions")
        .expectProblem(422, "weights_mismatch");
  }

  @Test
  void partsAreChecked() {
    new Multipart()
        .part("wights", "x")
        .post(http, "/v1/models/misfit/versions")
        .expectFault("/wights", "Unknown part");
    new Multipart()
        .part("spec", "{\"a\": }")
        .post(http, "/v1/models/misfit/versions")
        .expectFault("/spec/a", "not valid JSON");
  }

  @Test
  void importTellsWhereTheVersionIs() {
    String spec =
        """
        {"name": "located", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "activation", "function": "tanh"}]}}\
        """;
    Answer answer = new Multipart().part("spec", spec).post(http, "/v1/models/located/versions");
    assertThat(answer.expect(201).header("Location"))
        .isEqualTo("/v1/models/located/versions/" + answer.json().get("version").intValue());
  }

  @Test
  void weightsComeInOneRangeOrWhole() {
    SumNetwork.importAs(http, "ranged");
    String path = "/v1/models/ranged/versions/1/weights";
    byte[] whole = SumNetwork.weights().bytes();
    Answer part = http.get(path, "Range", "bytes=2-5").expect(206);
    assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(whole, 2, 6));
    for (String range :
        List.of("bytes=0-1,3-4", "bytes=0-,0-,0-", "bytes=9999999-", "bytes=5-1", "bytes=x", "x")) {
      Answer answer = http.get(path, "Range", range);
      assertThat(answer.expect(200).bytes()).as(range).isEqualTo(whole);
    }
    http.get(path, "If-None-Match", part.header("ETag")).expect(304);
  }

  @Test
  void downloadedWeightsEqualTheImportedOnes() {
    SumNetwork.importAs(http, "kept");
    Answer file = http.get("/v1/models/kept/versions/1/weights");
    assertThat(file.bytes()).isEqualTo(SumNetwork.weights().bytes());
    JsonNode tensor = http.get("/v1/models/kept/versions/1/weights/h.weight").json();
    assertThat(tensor.toString())
        .isEqualTo(
            "{\"name\":\"h.weight\",\"type\":\"float32\",\"shape\":[2,2],\"values\":[[1.0,2.0],[-1.0,0.0]]}");
    Answer npy =
        http.get("/v1/models/kept/versions/1/weights/h.bias", "Accept", "application/x-npy");
    assertThat(npy.bytes()).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y').hasSize(128 + 8);
    http.get("/v1/models/kept/versions/1/weights/q").expect(404);
    JsonNode version = http.get("/v1/models/kept/versions/1").json();
    assertThat(version.get("signature").toString())
        .isEqualTo(
            "{\"inputs\":{\"x\":{\"type\":\"float32\",\"shape\":[2]}},\"outputs\":{\"o\":{\"type\":\"float32\",\"shape\":[1]}}}");
    assertThat(version.get("provenance").get("job").isNull()).isTrue();
  }
}
