package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A table of a class and a number that follow from two columns, and a job that learns both. */
@ServiceTest
@Timeout(120)
abstract class EnsembleFixture {
  /** Of its name, more of its input, its dataset, its split, its seed and more of its training. */
  static final String JOB =
      """
      {"model": {"name": "%1$s", "inputs": {"x": {"columns": ["a", "b"]%2$s}},
        "targets": {"kind": {"column": "kind"}, "price": {"column": "price"}},
        "network": {"layers": [
          {"type": "dense", "name": "h", "units": 6, "activation": "tanh"},
          {"type": "dropout", "name": "d", "rate": 0.1},
          {"type": "dense", "name": "kind", "units": 3, "activation": "softmax", "inputs": ["d"]},
          {"type": "dense", "name": "price", "units": 1, "inputs": ["d"]}],
         "outputs": ["kind", "price"]}},
       "dataset": {"name": "%3$s", "split": {%4$s}},
       "training": {"losses": {"kind": "categorical_crossentropy", "price": "mse"}, "epochs": 4,
         "metrics": {"kind": ["accuracy", "log_loss"], "price": ["mae"]}, "seed": %5$d,
         "optimizer": {"type": "adam", "learning_rate": 0.05}%6$s}}
      """;

  static final String ROW = "{\"instances\": [{\"a\": 0.3, \"b\": -1}, {\"a\": 2, \"b\": 1}]}";

  @Autowired Http http;

  /** Stores 91 rows. */
  void upload(String name) {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("a,b,kind,price\n");
    for (int i = 0; i < 91; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double seen = a + 0.6 * random.nextGaussian();
      String kind = seen < -0.5 ? "low" : seen < 0.5 ? "mid" : "top";
      csv.append(a).append(',').append(b).append(',').append(kind).append(',');
      csv.append(2 * b + 0.5 * random.nextGaussian()).append('\n');
    }
    http.upload(name, csv.toString());
  }

  /** That one of the faults of an answer is this. */
  static void expectFault(Http.Answer answer, String pointer, String detail) {
    JsonNode errors = answer.json().get("errors");
    assertThat(errors.valueStream().toList())
        .as(errors.toString())
        .anySatisfy(
            fault -> {
              assertThat(fault.get("pointer").stringValue()).isEqualTo(pointer);
              assertThat(fault.get("detail").stringValue()).contains(detail);
            });
  }
}
