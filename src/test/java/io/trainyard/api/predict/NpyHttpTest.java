package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Predictions as NPY arrays. */
@ServiceTest
@Timeout(120)
class NpyHttpTest {
  @Autowired private Http http;

  @Test
  void arraysGoInAndComeOutAsNpy() {
    SumNetwork.importAs(http, "arrays");
    String path = "/v1/models/arrays/predict";
    byte[] rows = Npy.write(HostTensor.ofFloats(Shape.of(2, 2), 1, 1, -2, 3));
    assertThat(npy(path, rows, "*/*").text()).contains("[[3.5],[24.5]]");
    Answer array = npy(path, rows, "application/x-npy");
    assertThat(array.header("Content-Type")).isEqualTo("application/x-npy");
    assertThat(Npy.read(array.bytes()).shape()).isEqualTo(Shape.of(2, 1));
    assertThat(Npy.read(array.bytes()).toFloats()).containsExactly(3.5f, 24.5f);
    assertThat(Npy.read(npy(path + "?output=h:pre", rows, "application/x-npy").bytes()).toFloats())
        .containsExactly(3.5f, -1, 4.5f, 2);
    npy(path + "?output=q", rows, "application/x-npy").expectFault("/outputs/0", "no layer 'q'");
    byte[] wide = Npy.write(HostTensor.ofFloats(Shape.of(1, 3), 1, 2, 3));
    npy(path, wide, "*/*").expectFault("", "[2]");
    assertThat(npy(path, new byte[] {1, 2}, "*/*").status()).isEqualTo(400);
    assertThat(npy(path, rows, "image/png").status()).isEqualTo(406);
    assertThat(npy(path + "?output=h", rows, "*/*").status()).isEqualTo(400);
  }

  @Test
  void faultOfAnOutputInTheBodyHasItsPlaceThere() {
    SumNetwork.importAs(http, "chosen");
    byte[] body =
        "{\"instances\": [[1, 1]], \"outputs\": [\"q\"]}".getBytes(StandardCharsets.UTF_8);
    http.send(
            "POST",
            "/v1/models/chosen/predict?output=h",
            body,
            "Content-Type",
            "application/json",
            "Accept",
            "application/x-npy")
        .expectFault("/outputs/0", "no layer 'q'");
  }

  /** The answers to an array and to the same instances in JSON. */
  private void assertSame(String model, HostTensor array, String instances) {
    String path = "/v1/models/" + model + "/predict";
    String expected = http.post(path, "{\"instances\": " + instances + "}").expect(200).text();
    assertThat(npy(path, Npy.write(array), "*/*").expect(200).text()).isEqualTo(expected);
  }

  private void importNet(String model, String input, String layers, Weights weights) {
    http.importVersion(
        model,
        """
        {"name": "%s", "inputs": {"x": %s}, "targets": {"y": {"column": "y"}},
         "network": {"layers": [%s]}}
        """
            .formatted(model, input, layers),
        weights);
  }

  @Test
  void tensorsAndWindowsAreTakenAsTheyAre() {
    String dense =
        "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"name\": \"d\", \"units\": 1, \"bias\":"
            + " false}";
    Weights places = new Weights().with("d.weight", Shape.of(1, 6), 1, 2, 3, 4, 5, 6);
    importNet(
        "tensor-rows",
        "{\"column\": \"t\", \"shape\": [1, 3, 2], \"layout\": \"channels_first\", \"scale\":"
            + " {\"divide\": 2}}",
        dense,
        places);
    assertSame(
        "tensor-rows",
        HostTensor.ofFloats(Shape.of(2, 2, 1, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        "[{\"t\": [[[1, 2, 3]], [[4, 5, 6]]]}, {\"t\": [[[7, 8, 9]], [[10, 11, 12]]]}]");
    importNet("window-rows", "{\"columns\": [\"a\", \"b\"], \"window\": 3}", dense, places);
    assertSame(
        "window-rows",
        HostTensor.ofDoubles(Shape.of(1, 3, 2), 1, 2, 3, 4, 5, 6),
        "[{\"a\": [1, 3, 5], \"b\": [2, 4, 6]}]");
    importNet("series-rows", "{\"columns\": [\"a\"], \"window\": 6}", dense, places);
    for (Shape shape : new Shape[] {Shape.of(1, 6), Shape.of(1, 6, 1)}) {
      assertSame(
          "series-rows",
          HostTensor.ofLongs(shape, 1, 2, 3, 4, 5, 6),
          "[{\"a\": [1, 2, 3, 4, 5, 6]}]");
    }
    String path = "/v1/models/window-rows/predict";
    npy(path, Npy.write(HostTensor.ofFloats(Shape.of(1, 6), 1, 2, 3, 4, 5, 6)), "*/*")
        .expectFault("", "Rows of shape [3, 2] were expected, the array is [1, 6]");
    HostTensor missing = HostTensor.ofFloats(Shape.of(1, 3, 2), 1, 2, 3, 4, Float.NaN, 6);
    npy(path, Npy.write(missing), "*/*")
        .expectFault("", "Instance 0: 'a' has no value, and nothing is imputed");
  }

  @Test
  void indicesAreTakenAsTheyAre() {
    http.upload("towns", "town,y\nbern,1\nbonn,2\nrome,3\nbern,1\nbonn,2\nrome,3\n");
    http.train(
        """
        {"model": {"name": "town-rows",
           "inputs": {"c": {"columns": ["town"], "encode": "index"}}, "targets": {"y": {"column": "y"}},
           "network": {"layers": [
             {"type": "embedding", "vocabulary": 3, "dim": 2}, {"type": "flatten"},
             {"type": "dense", "units": 1}]}},
         "dataset": {"name": "towns"}, "training": {"loss": "mse", "epochs": 1}}
        """);
    assertSame(
        "town-rows",
        HostTensor.ofLongs(Shape.of(3, 1), 2, 0, 1),
        "[{\"town\": \"rome\"}, {\"town\": \"bern\"}, {\"town\": \"bonn\"}]");
    npy("/v1/models/town-rows/predict", Npy.write(HostTensor.ofLongs(Shape.of(2, 1), 0, 3)), "*/*")
        .expectFault("", "Instance 1: 'town' takes the indices 0 to 2, got 3");
  }

  private Answer npy(String path, byte[] body, String accept) {
    return http.send("POST", path, body, "Content-Type", "application/x-npy", "Accept", accept);
  }
}
