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
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** No body of a prediction makes the service fail: it answers, or says what is wrong. */
@ServiceTest
@Timeout(600)
class PredictFuzzHttpTest {
  private static final String INDEX_SPEC =
      """
      {"name": "fuzz-index", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
        {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1}]}}\
      """;
  private static final String TWO_SPEC =
      """
      {"name": "fuzz-two", "network": {"inputs": {"a": {"shape": [2]}, "b": {"shape": [2]}}, "layers": [
        {"type": "add", "name": "o", "inputs": ["a", "b"]}]}}\
      """;
  private static final String COLUMNS_SPEC =
      """
      {"name": "fuzz-columns", "inputs": {"x": {"columns": ["a", "b"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [{"type": "dense", "name": "o", "units": 1}]}}\
      """;

  @Autowired private Http http;

  @Test
  void everyBodyIsAnsweredOrRefused() {
    importModels();
    attack(20260, 1_500);
  }

  @Test
  @Tag("attack")
  void everyOneOfManyBodiesIsAnsweredOrRefused() {
    importModels();
    attack(7, 50_000);
  }

  private void importModels() {
    if (http.get("/v1/models/fuzz-two").status() == 200) {
      return;
    }
    SumNetwork.importAs(http, "fuzz-sum");
    http.importVersion(
        "fuzz-index", INDEX_SPEC, new Weights().with("e.weight", Shape.of(3, 1), 1, 2, 3));
    http.importVersion(
        "fuzz-columns",
        COLUMNS_SPEC,
        new Weights().with("o.weight", Shape.of(1, 2), 1, 2).with("o.bias", Shape.of(1), 0));
    http.importVersion("fuzz-two", TWO_SPEC);
  }

  private void attack(long seed, int count) {
    List<String> models = List.of("fuzz-sum", "fuzz-index", "fuzz-columns", "fuzz-two");
    int answered = 0;
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed + i);
      String model = models.get(random.nextInt(models.size()));
      boolean npy = random.nextInt(5) == 0;
      byte[] body = npy ? array(random) : new Bodies(random).body();
      String query = random.nextInt(10) == 0 ? "?output=" + "ohqx".charAt(random.nextInt(4)) : "";
      Answer answer =
          http.send(
              "POST",
              "/v1/models/" + model + "/predict" + query,
              body,
              "Content-Type",
              npy ? "application/x-npy" : "application/json",
              "Accept",
              query.isEmpty() && random.nextInt(5) > 0 ? "*/*" : "application/x-npy");
      boolean fine =
          answer.status() < 500
              || (answer.status() == 503 && !answer.header("Retry-After").isEmpty());
      assertThat(fine)
          .as("seed %s: %s for %s", seed + i, answer, new String(body, StandardCharsets.UTF_8))
          .isTrue();
      assertThat(answer.text()).doesNotContain("java.", "tools.jackson", "Exception");
      answered += answer.status() == 200 ? 1 : 0;
    }
    assertThat(answered).as("some bodies are valid").isGreaterThan(count / 50);
  }

  private static byte[] array(Random random) {
    int rows = random.nextInt(4);
    byte[] file = Npy.write(HostTensor.ofFloats(Shape.of(rows, 2), new float[2 * rows]));
    for (int flips = random.nextInt(4); flips > 0; flips--) {
      file[random.nextInt(file.length)] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : '9');
    }
    if (random.nextInt(4) == 0) {
      String header = new String(file, StandardCharsets.ISO_8859_1);
      String[] shapes = {"(2147483647, 0)", "(0, 2)", "(2,)", "()", "(99999999999, 2)", "(-1, 2)"};
      String dims = "(" + rows + ", 2)";
      header = header.replace(dims, shapes[random.nextInt(shapes.length)]);
      return header.getBytes(StandardCharsets.ISO_8859_1);
    }
    return file;
  }

  /** Bodies that are nearly right. */
  private record Bodies(Random random) {
    byte[] body() {
      String text = random.nextInt(20) == 0 ? value(3) : members();
      if (random.nextInt(10) == 0) {
        int cut = random.nextInt(text.length() + 1);
        text = text.substring(0, cut) + pick("", "]", "}", ",", "\u0000", "x", "\"");
      }
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private String members() {
      String instances = "\"instances\":" + (random.nextInt(10) == 0 ? value(4) : instances());
      return switch (random.nextInt(8)) {
        case 0 -> "{" + instances + "," + instances + "}";
        case 1 -> "{\"outputs\":" + outputs() + "," + instances + "}";
        case 2 -> "{" + instances + ",\"outputs\":" + outputs() + "}";
        case 3 -> "{" + instances + ",\"more\":" + value(3) + "}";
        case 4 -> " { " + instances + " } " + pick("", "\n", "1");
        default -> "{" + instances + "}";
      };
    }

    private String outputs() {
      return random.nextInt(3) == 0
          ? value(2)
          : pick("[]", "[\"o\"]", "[\"h\",\"h\"]", "[\"h:pre\",\"x\"]", "[\"\"]", "[\":pre\"]");
    }

    private String instances() {
      int count = random.nextInt(10) == 0 ? random.nextInt(600) : random.nextInt(4);
      return IntStream.range(0, count)
          .mapToObj(_ -> instance())
          .collect(Collectors.joining(",", "[", "]"));
    }

    private String instance() {
      return switch (random.nextInt(8)) {
        case 0 -> value(3);
        case 1, 2 -> "[" + number() + "," + number() + "]";
        case 3 -> "{\"x\":[" + number() + "," + number() + "]}";
        case 4, 5 -> "{\"a\":" + number() + ",\"b\":" + number() + pick("", ",\"y\":1") + "}";
        case 6 -> "{\"a\":[1,2],\"b\":[" + number() + ",1]}";
        default -> pick("{}", "[]", "[[1,2]]", "{\"b\":1}", "{\"a\":1,\"a\":2,\"b\":1}", "null");
      };
    }

    private String value(int depth) {
      return switch (random.nextInt(depth > 0 ? 9 : 6)) {
        case 0 -> number();
        case 1 -> pick("null", "true", "false", "NaN", "Infinity", "-Infinity");
        case 2 ->
            pick(
                "\"NaN\"", "\"Infinity\"", "\"\\ud800\"", "\"\\u0000\"", "\"𝄞\"", "\"a\"", "\"\"");
        case 3 -> "\"" + "s".repeat(random.nextInt(2) * 70_000) + "\"";
        case 4 -> "[".repeat(random.nextInt(80)) + "1" + "]".repeat(random.nextInt(80));
        case 5 -> pick("[]", "{}", "");
        case 6 -> "[" + value(depth - 1) + "," + value(depth - 1) + "]";
        case 7 -> "{\"" + pick("a", "x", "\\u0061", "") + "\":" + value(depth - 1) + "}";
        default -> "{\"x\":" + value(depth - 1) + ",\"b\":" + value(depth - 1) + "}";
      };
    }

    private String number() {
      return switch (random.nextInt(12)) {
        case 0 -> pick("-", "") + "9".repeat(1 + random.nextInt(1_100));
        case 1 -> pick("1e400", "-1e400", "1e39", "4e-324", "1e-400", "-0", "0.1e1", "1E+2");
        case 2 -> pick("01", "+1", "1.", ".5", "0x1", "1e", "--1", "1_0");
        case 3 -> pick("9223372036854775807", "9223372036854775808", "1e18", "2147483648");
        case 4 -> "0." + "3".repeat(random.nextInt(1_100));
        case 5 -> Double.toString(random.nextGaussian());
        default -> Integer.toString(random.nextInt(3));
      };
    }

    private String pick(String... options) {
      return options[random.nextInt(options.length)];
    }
  }
}
