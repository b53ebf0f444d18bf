package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Small requests that ask for much are answered in slices, or refused with the numbers. */
@ServiceTest
@Timeout(120)
class PredictLimitsHttpTest {
  @Autowired private Http http;

  private static String model(String name, String input, String layers) {
    return "{'name':'%s','network':{'inputs':{'x':{'shape':%s}},'layers':[%s]}}"
        .formatted(name, input, layers)
        .replace('\'', '"');
  }

  private static String rows(int count, String row) {
    return "{\"instances\":["
        + IntStream.range(0, count).mapToObj(_ -> row).collect(Collectors.joining(","))
        + "]}";
  }

  @Test
  void rowsWithLargeValuesAreComputedInSlices() {
    // 120,000 rows of 1,000 numbers in two layers would take about 1 GB.
    http.importVersion(
        "sliced", model("sliced", "[1]", "{'type':'repeat','n':1000},{'type':'global_avg_pool'}"));
    JsonNode predictions =
        http.post("/v1/models/sliced/predict", rows(120_000, "[2.5]"))
            .expect(200)
            .json()
            .get("predictions");
    assertThat(predictions.size()).isEqualTo(120_000);
    predictions.forEach(row -> assertThat(row.get(0).floatValue()).isEqualTo(2.5f));
  }

  @Test
  void answerBeyondTheLimitIsRefusedBeforeItIsComputed() {
    http.importVersion("wide", model("wide", "[1]", "{'type':'repeat','n':60000,'name':'r'}"));
    String many = rows(100_000, "[1]");
    Answer answer = http.post("/v1/models/wide/predict", many).expectProblem(413, "body_too_large");
    assertThat(answer.text()).contains("trainyard.predict.memory", "240000 bytes of output");
    http.importVersion(
        "inner-answer",
        model(
            "inner-answer",
            "[1]",
            "{'type':'repeat','n':60000,'name':'r'},{'type':'global_avg_pool','name':'o'}"));
    http.post("/v1/models/inner-answer/predict", many.replaceFirst("\\{", "{\"outputs\":[\"r\"],"))
        .expectProblem(413, "body_too_large");
  }

  @Test
  void largeAnswerIsTheSameAsManySmallOnes() {
    SumNetwork.importAs(http, "streamed");
    String path = "/v1/models/streamed/predict";
    Answer large = http.post(path, rows(70_000, "[1,1],[-2,3]")).expect(200);
    String pair = "[3.5],[24.5]";
    assertThat(large.text())
        .isEqualTo(
            "{\"model\":\"streamed\",\"version\":1,\"predictions\":["
                + IntStream.range(0, 70_000).mapToObj(_ -> pair).collect(Collectors.joining(","))
                + "]}");
    byte[] array =
        http.send(
                "POST",
                path,
                rows(70_000, "[1,1],[-2,3]").getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/json",
                "Accept",
                "application/x-npy")
            .expect(200)
            .bytes();
    float[] expected = new float[140_000];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i % 2 == 0 ? 3.5f : 24.5f;
    }
    assertThat(Npy.read(array).toFloats()).isEqualTo(expected);
  }

  @Test
  void networkWhoseRowDoesNotFitIsRefusedAtImport() {
    String layers =
        IntStream.range(0, 30)
            .mapToObj(_ -> "{'type':'activation','function':'relu'}")
            .collect(Collectors.joining(","));
    Answer answer =
        new Multipart()
            .part("spec", model("huge", "[1500000000]", layers))
            .post(http, "/v1/models/huge/versions")
            .expectProblem(422, "too_much_memory");
    assertThat(answer.pointers()).containsExactly("/spec/network");
    assertThat(answer.text()).contains("trainyard.predict.memory", "One row needs");
  }

  @Test
  void namesOfOutputsAreBoundedAndDiffer() {
    SumNetwork.importAs(http, "asked-outputs");
    String path = "/v1/models/asked-outputs/predict";
    String names =
        IntStream.range(0, 100_000).mapToObj(_ -> "\"h\"").collect(Collectors.joining(","));
    http.post(path, "{\"instances\":[[1,1]],\"outputs\":[" + names + "]}")
        .expectFault("/outputs", "At most");
    http.post(path, "{\"instances\":[[1,1]],\"outputs\":[\"h\",\"h:pre\",\"h\"]}")
        .expectFault("/outputs/2", "named twice");
    http.post(path, "{\"instances\":[[1,1]],\"outputs\":[\"h\",\"h:pre\",\"o\",\"o:pre\"]}")
        .expect(200);
  }

  @Test
  void unknownOutputIsRefusedForEveryBody() {
    SumNetwork.importAs(http, "npy-output");
    String path = "/v1/models/npy-output/predict?output=nothing";
    for (String type : new String[] {"application/json", "application/x-npy"}) {
      byte[] body =
          type.endsWith("npy")
              ? Npy.write(HostTensor.ofFloats(Shape.of(1, 2), 1, 1))
              : "{\"instances\":[[1,1]]}".getBytes(StandardCharsets.UTF_8);
      http.send("POST", path, body, "Content-Type", type, "Accept", "application/x-npy")
          .expectFault("/outputs/0", "no layer 'nothing'");
      float[] inner =
          Npy.read(
                  http.send(
                          "POST",
                          path.replace("nothing", "h"),
                          body,
                          "Content-Type",
                          type,
                          "Accept",
                          "application/x-npy")
                      .expect(200)
                      .bytes())
              .toFloats();
      assertThat(inner).containsExactly(3.5f, 0);
    }
  }

  @Test
  void emptyInstancesAreRefusedAtTheFirst() {
    SumNetwork.importAs(http, "empty");
    http.post("/v1/models/empty/predict", rows(3_000_000, "{}"))
        .expectFault("/instances/0/x", "required");
    String columns =
        """
        {"name": "empty-columns", "inputs": {"x": {"columns": ["a"]}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "activation", "function": "relu"}]}}\
        """;
    http.importVersion("empty-columns", columns);
    http.post("/v1/models/empty-columns/predict", rows(3_000_000, "{}"))
        .expectFault("/instances/0/a", "no value");
    http.post("/v1/models/empty-columns/predict", "{\"instances\":[" + rows(2_000_000, "{}") + "]}")
        .expectFault("/instances/0", "At most");
    http.post("/v1/models/empty/predict", "{\"instances\":[" + rows(2_000_000, "[]") + "]}")
        .expectFault("/instances/0/x", "required");
  }

  @Test
  void numbersOfHundredsOfDigitsAreNamed() {
    SumNetwork.importAs(http, "digits");
    http.importVersion("digits-index", model("digits-index", "[2]", "{'type':'flatten'}"));
    for (int digits : new int[] {40, 309, 310, 400, 900}) {
      String number = "9".repeat(digits);
      for (String sign : new String[] {"", "-"}) {
        http.post("/v1/models/digits/predict", "{\"instances\":[[1,1],[1," + sign + number + "]]}")
            .expectFault("/instances/1", "beyond the range");
      }
    }
    http.post("/v1/models/digits/predict", "{\"instances\":[[1," + "9".repeat(2000) + "]]}")
        .expect(400);
  }
}
