package io.trainyard.spec.training;

import static io.trainyard.spec.Specs.trainingFaults;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.Specs;
import io.trainyard.spec.training.MetricSpec.Average;
import io.trainyard.spec.training.MetricSpec.Formula;
import io.trainyard.spec.training.MetricSpec.Standard;
import io.trainyard.spec.training.TrainingSpec.Mode;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricSpecTest {
  @Test
  void aMetricIsANameOrAnObject() {
    List<MetricSpec> metrics =
        Specs.training(
                """
                {'loss': 'mse', 'epochs': 1, 'metrics': ['f1', {'type': 'auc'},
                  {'type': 'f1', 'average': 'weighted', 'name': 'fair'},
                  {'type': 'top_k_accuracy', 'k': 2}, {'type': 'rmse', 'name': 'error'}]}
                """)
            .metrics("y");

    assertThat(metrics)
        .containsExactly(
            new Standard(Metric.F1, "f1", null, 5),
            new Standard(Metric.AUC, "auc", null, 5),
            new Standard(Metric.F1, "fair", Average.WEIGHTED, 5),
            new Standard(Metric.TOP_K_ACCURACY, "top_k_accuracy", null, 2),
            new Standard(Metric.RMSE, "error", null, 5));
    assertThat(metrics)
        .extracting(MetricSpec::rises)
        .containsExactly(true, true, true, true, false);
  }

  @Test
  void anExpressionHasANameAndMayHaveAMode() {
    List<MetricSpec> metrics =
        Specs.training(
                """
                {'loss': 'mse', 'epochs': 1, 'metrics': {'y': [
                  {'type': 'expression', 'name': 'gain', 'expression': 'y_pred * y_true', 'mode': 'max'},
                  {'type': 'expression', 'name': 'bias', 'expression': 'y_pred - y_true'}]}}
                """)
            .metrics("y");

    assertThat(metrics).extracting(MetricSpec::name).containsExactly("gain", "bias");
    assertThat(((Formula) metrics.getFirst()).mode()).isEqualTo(Mode.MAX);
    assertThat(metrics.getFirst().rises()).isTrue();
    assertThat(Objects.isNull(metrics.getLast().rises())).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "7 | /0 | The name of a metric, or an object with its 'type', was expected, got 7",
        "{} | /0/type | 'type' is required",
        "{'name': 'f1'} | /0/type | write 'type' in place of 'name'",
        "{'type': 'accuracy', 'average': 'macro'} | /0/average | Unknown member 'average'",
        "{'type': 'f1', 'average': 'binary'} | /0/average | leave it out",
        "{'type': 'f1', 'k': 3} | /0/k | Unknown member 'k'",
        "{'type': 'top_k_accuracy', 'k': 0} | /0/k | A whole number from 1",
        "{'type': 'f1', 'name': 'loss'} | /0/name | 'loss' names another value",
        "{'type': 'f1', 'name': 'val_f1'} | /0/name | 'val_' is put before the name",
        "{'type': 'f1', 'name': 'my f1'} | /0/name | 'my f1' cannot name a metric",
        "'auc', {'type': 'auc'} | /1 | The metric 'auc' is listed twice",
        "'f1', {'type': 'f1', 'average': 'micro'} | /1 | give one of them another 'name'",
        "'expression' | /0 | An expression needs an object",
        "{'type': 'expression', 'name': 'e'} | /0/expression | 'expression' is required",
        "{'type': 'expression', 'expression': 'y_pred'} | /0/name | 'name' is required",
        "{'type': 'expression', 'name': 'e', 'expression': 'y_pred -'} | /0/expression | column 9",
        "{'type': 'expression', 'name': 'e', 'expression': 'y_pred', 'average': 'macro'} |"
            + " /0/average | Unknown member",
      })
  void aFaultIsAtItsPlace(String metrics, String pointer, String detail) {
    assertThat(trainingFaults("{'loss': 'mse', 'epochs': 1, 'metrics': [" + metrics + "]}"))
        .singleElement()
        .asString()
        .startsWith("/metrics" + pointer + ": ")
        .contains(detail);
  }

  @Test
  void atMostAHundredMetricsAreListed() {
    for (int count : new int[] {100, 101}) {
      String list =
          IntStream.range(0, count)
              .mapToObj("{'type':'mae','name':'m%d'}"::formatted)
              .collect(Collectors.joining(","));
      Iterable<String> faults =
          trainingFaults("{'loss':'mse','epochs':1,'metrics':[%s]}".formatted(list));
      if (count == 100) {
        assertThat(faults).isEmpty();
      } else {
        assertThat(faults).containsExactly("/metrics: At most 100 were expected, got 101");
      }
    }
  }
}
