package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
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

  private Answer npy(String path, byte[] body, String accept) {
    return http.send("POST", path, body, "Content-Type", "application/x-npy", "Accept", accept);
  }
}
