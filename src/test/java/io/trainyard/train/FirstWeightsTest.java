package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The initializer data: the first batch decides the first weights of a dense layer. */
class FirstWeightsTest {
  private static final String MODEL =
      """
      {"name": "m", "inputs": {"x": {"columns": ["a", "b", "c"]}}, "targets": {"y": {"column": "y"}},
       "network": {"layers": [
         {"type": "dense", "units": 20, "parametrization": "%s", "initializer": "data", "activation": "relu"},
         {"type": "dropout", "rate": 0.5},
         {"type": "dense", "units": 3, "initializer": "data"%s}]}}
      """;

  /** The weights do not move in the only step. */
  private static final String STILL =
      """
      {"loss": {"type": "categorical_crossentropy", "from_logits": true}, "epochs": 1, "batch_size": 64,
       "shuffle": false, "optimizer": {"type": "sgd", "learning_rate": 1e-30}}
      """;

  private static Map<String, HostTensor> first(String model, Subset rows) {
    return Trainings.run(model, STILL, rows).finish().weights();
  }

  private static double[][] sums(
      Map<String, HostTensor> weights, String layer, double[][] x, double factor) {
    float[] w = Objects.requireNonNull(weights.get(layer + ".weight")).toFloats();
    float[] b = Objects.requireNonNull(weights.get(layer + ".bias")).toFloats();
    double[][] sums = new double[x.length][b.length];
    for (int row = 0; row < x.length; row++) {
      for (int unit = 0; unit < b.length; unit++) {
        double sum = b[unit];
        for (int i = 0; i < x[row].length; i++) {
          sum += x[row][i] * factor * w[unit * x[row].length + i];
        }
        sums[row][unit] = sum;
      }
    }
    return sums;
  }

  private static void assertUnitVariance(double[][] sums) {
    for (int unit = 0; unit < sums[0].length; unit++) {
      double mean = 0;
      double squares = 0;
      double least = Double.MAX_VALUE;
      double most = -Double.MAX_VALUE;
      for (double[] row : sums) {
        mean += row[unit] / sums.length;
        squares += row[unit] * row[unit] / sums.length;
        least = Math.min(least, row[unit]);
        most = Math.max(most, row[unit]);
      }
      assertThat(squares - mean * mean).isCloseTo(1, within(1e-3));
      // The bias is a mixture of rows: 0 lies among the sums.
      assertThat(least).isNegative();
      assertThat(most).isPositive();
    }
  }

  private static void assertFitted(Map<String, HostTensor> weights, Subset rows, double factor) {
    HostTensor x = Objects.requireNonNull(rows.inputs().get("x"));
    double[][] batch = new double[64][3];
    for (int i = 0; i < 64 * 3; i++) {
      batch[i / 3][i % 3] = x.floatAt(i);
    }
    double[][] hidden = sums(weights, "dense_1", batch, factor);
    assertUnitVariance(hidden);
    for (double[] row : hidden) {
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.max(0, row[i]);
      }
    }
    assertUnitVariance(sums(weights, "dense_2", hidden, 1));
  }

  @Test
  void everyUnitHasUnitVarianceInTheFirstBatch() {
    Subset rows = Trainings.rows(100, 3, Shape.of(3));

    assertFitted(first(MODEL.formatted("standard", ""), rows), rows, 1);
    assertFitted(first(MODEL.formatted("ntk", ""), rows), rows, 1 / Math.sqrt(3));
  }

  @Test
  void aGivenBiasInitializerIsKept() {
    Subset rows = Trainings.rows(100, 3, Shape.of(3));

    Map<String, HostTensor> weights =
        first(MODEL.formatted("standard", ", \"bias_initializer\": \"ones\""), rows);

    assertThat(Objects.requireNonNull(weights.get("dense_2.bias")).toFloats())
        .containsExactly(1, 1, 1);
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndGivenOnesStay() {
    Subset rows = Trainings.rows(100, 3, Shape.of(3));
    String model = MODEL.formatted("standard", "");
    Map<String, HostTensor> weights = first(model, rows);

    Trainings.assertSameBits(first(model, rows), weights);
    Trainings.assertSameBits(
        Trainings.run(model, STILL, rows).startingFrom(weights).withSeed(9).finish().weights(),
        weights);
  }

  @Test
  void oneRowLeavesWeightsThatAreFinite() {
    Map<String, HostTensor> weights =
        first(MODEL.formatted("standard", ""), Trainings.rows(1, 3, Shape.of(3)));

    for (HostTensor tensor : weights.values()) {
      for (float each : tensor.toFloats()) {
        assertThat(each).isFinite();
      }
    }
  }

  @Test
  void otherLayersRefuseIt() {
    Violations violations = new Violations();
    var _ =
        SpecReader.readable(
            StrictJson.parse(
                """
                {"name": "m", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "y"}},
                 "network": {"layers": [
                   {"type": "layer_norm", "initializer": "data"},
                   {"type": "ensemble_dense", "units": 2, "members": 2, "initializer": "data"},
                   {"type": "average_members", "name": "out"}]}}
                """),
            "",
            violations);

    assertThat(violations.list())
        .extracting(Violation::pointer)
        .containsExactly("/network/layers/0/initializer", "/network/layers/1/initializer");
  }
}
