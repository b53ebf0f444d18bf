package io.trainyard.api.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.predict.request.DataType;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** No inference request makes the service fail: it answers, or says what is wrong. */
@ServiceTest
@Timeout(600)
class InferFuzzHttpTest {
  private static final String COLUMNS_SPEC =
      """
      {"name": "infer-columns", "inputs": {"x": {"columns": ["a", "b"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [{"type": "dense", "name": "o", "units": 1}]}}\
      """;

  private static final List<DataType> TYPES = List.of(DataType.values());

  /** What stands in place of a value. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "-1",
          "0",
          "1",
          "3",
          "2.5",
          "1e400",
          "9223372036854775807",
          "\"\"",
          "\"x\"",
          "\"FP32\"",
          "\"BYTES\"",
          "\"UINT64\"",
          "\"BOOL\"",
          "[]",
          "{}",
          "true",
          "[1,2]",
          "[2,2]",
          "[[1,2],[3,4]]",
          "[1]",
          "[2147483647,2]",
          "[[]]",
          "{\"binary_data_size\":16}",
          "{\"binary_data_size\":-1}",
          "[\"a\",\"b\"]",
          "[{\"name\":\"h\"}]",
          "[{\"name\":\"o\"}]");

  @Autowired private Http http;

  @Test
  void everyRequestIsAnsweredOrRefused() {
    attack(5, 1_500);
  }

  @Test
  @Tag("attack")
  void everyOneOfManyRequestsIsAnsweredOrRefused() {
    attack(1_000_000, 50_000);
  }

  private void attack(long seed, int count) {
    SumNetwork.importAs(http, "infer-fuzz");
    http.importVersion(
        "infer-columns",
        COLUMNS_SPEC,
        new Weights().with("o.weight", Shape.of(1, 2), 1, 2).with("o.bias", Shape.of(1), 0));
    int answered = 0;
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed + i);
      String json = json(random);
      byte[] body = Http.utf8(json);
      int length = body.length;
      if (random.nextInt(3) == 0) {
        body = Arrays.copyOf(body, length + random.nextInt(40));
      }
      if (random.nextInt(6) == 0) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      boolean framed = body.length != length || random.nextInt(10) == 0;
      String model = random.nextBoolean() ? "infer-fuzz" : "infer-columns";
      String path = random.nextInt(4) == 0 ? "/v1/models/%s:predict" : "/v2/models/%s/infer";
      Answer answer =
          framed
              ? http.send(
                  "POST",
                  path.formatted(model),
                  body,
                  "Inference-Header-Content-Length",
                  String.valueOf(random.nextInt(8) == 0 ? random.nextInt(300) : length))
              : http.send("POST", path.formatted(model), body);
      answered += answer.status() == 200 ? 1 : 0;
      String request = "%s %s %s".formatted(seed + i, path.formatted(model), json);
      assertThat(answer.status()).as("%s: %s", request, answer.text()).isIn(200, 400, 422);
      if (answer.status() != 200) {
        assertThat(answer.json().has(path.startsWith("/v2") ? "error" : "detail"))
            .as(request)
            .isTrue();
      }
    }
    // Else the requests are too broken to find anything.
    assertThat(answered).isGreaterThan(count / 50);
  }

  private static String json(Random random) {
    int elements = random.nextInt(3) + 1;
    String[][] members = {
      {"name", random.nextInt(3) == 0 ? "\"a\"" : "\"x\""},
      {"shape", "[%d,2]".formatted(elements)},
      {"datatype", "\"" + TYPES.get(random.nextInt(TYPES.size())) + "\""},
      random.nextInt(3) == 0
          ? new String[] {"parameters", "{\"binary_data_size\":" + random.nextInt(40) + "}"}
          : new String[] {"data", "[1,0" + ",1,0".repeat(elements - 1) + "]"},
    };
    if (random.nextInt(3) == 0) {
      members[random.nextInt(4)][1] = VALUES.get(random.nextInt(VALUES.size()));
    }
    if (random.nextInt(6) == 0) {
      members[random.nextInt(4)][0] = "other";
    }
    if (random.nextInt(3) == 0) {
      int i = random.nextInt(4);
      String[] moved = members[i];
      members[i] = members[0];
      members[0] = moved;
    }
    StringBuilder input = new StringBuilder();
    for (String[] member : members) {
      input.append(input.isEmpty() ? "{\"" : ",\"").append(member[0]).append("\":");
      input.append(member[1]);
    }
    input.append('}');
    String inputs =
        switch (random.nextInt(8)) {
          case 0 -> VALUES.get(random.nextInt(VALUES.size()));
          case 1 -> "[" + input + "," + input.toString().replace("\"x\"", "\"b\"") + "]";
          case 2 -> "{\"x\":" + VALUES.get(random.nextInt(VALUES.size())) + "}";
          default -> "[" + input + "]";
        };
    String more =
        random.nextInt(4) > 0
            ? ""
            : List.of(
                        ",\"outputs\":",
                        ",\"id\":",
                        ",\"parameters\":",
                        ",\"signature_name\":",
                        ",\"instances\":")
                    .get(random.nextInt(5))
                + VALUES.get(random.nextInt(VALUES.size()));
    return "{\"inputs\":" + inputs + more + "}";
  }
}
