package io.trainyard.api.practice;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.KeyedService;
import io.trainyard.SumNetwork;
import io.trainyard.api.edge.PracticeConnections;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Requests of the warm-up where callers need keys. */
@Timeout(60)
class PracticeAccessHttpTest extends KeyedService {
  @Autowired private PracticeConnections connections;

  private int post(String path, String json) throws IOException {
    try (PracticeConnections.Connection connection = connections.open(admin().port())) {
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      String head =
          new String(
              PracticeConnections.Connection.head(
                  path, "Content-Type: application/json\r\n", body.length),
              StandardCharsets.ISO_8859_1);
      return connection.send((head + json).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void practicePredictsAndDoesNothingElse() throws IOException {
    SumNetwork.importAs(admin(), "practised-with-keys");
    String rows = "{\"instances\": [[1, 2]]}";
    assertThat(post("/v1/models/practised-with-keys/predict", rows)).isEqualTo(200);
    for (String other :
        List.of("/v1/jobs", "/v1/models:validate", "/v1/keys", "/v1/batch-predictions")) {
      assertThat(post(other, "{}")).as(other).isEqualTo(403);
    }
  }
}
