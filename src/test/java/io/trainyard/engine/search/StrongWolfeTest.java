package io.trainyard.engine.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.search.StrongWolfe.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * The search for a length takes PyTorch's steps, and turns back from losses that are not finite.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StrongWolfeTest {
  /** Of one number t, which starts at 0 and moves by the length itself. */
  private record Function(DoubleUnaryOperator loss, DoubleUnaryOperator slope) {}

  private record Found(double length, double loss, int evaluations, double weight, double slope) {}

  private static Found search(Function function, double first, Tolerance tolerance) {
    TestEngine.get();
    try (PointerScope scope = new PointerScope()) {
      Tensor weight = torch.zeros(1).to(ScalarType.Double);
      Tensor gradient = number(function.slope().applyAsDouble(0));
      StrongWolfe search =
          new StrongWolfe(
              weight,
              gradient,
              number(1),
              tolerance,
              () -> {
                double at = weight.item_double();
                gradient.fill_(new Scalar(function.slope().applyAsDouble(at)));
                return function.loss().applyAsDouble(at);
              });
      search.search(first, function.loss().applyAsDouble(0), gradient.item_double());
      return new Found(
          search.length(),
          search.loss(),
          search.evaluations(),
          weight.item_double(),
          gradient.item_double());
    }
  }

  private static Tensor number(double value) {
    return torch.zeros(1).to(ScalarType.Double).fill_(new Scalar(value));
  }

  @Test
  void everySearchTakesTheStepsOfPyTorch() {
    for (JsonNode json : Golden.read("strong_wolfe.json").get("cases")) {
      Function function = function(json);
      double length = json.get("length").asDouble();

      Found found =
          search(
              function,
              json.get("first").asDouble(),
              new Tolerance(json.get("curvature").asDouble(), json.get("small_change").asDouble()));

      assertThat(found.evaluations()).as("%s", json).isEqualTo(json.get("evaluations").asInt());
      assertThat(found.length()).as("%s", json).isCloseTo(length, within(1e-7 * length));
      assertThat(found.weight()).isEqualTo(found.length());
      assertThat(found.loss()).isEqualTo(function.loss().applyAsDouble(found.length()));
      assertThat(found.slope()).isEqualTo(function.slope().applyAsDouble(found.length()));
    }
  }

  private static Function function(JsonNode json) {
    double q = json.get("q").asDouble();
    double s = json.get("s").asDouble();
    List<double[]> waves = new ArrayList<>();
    for (JsonNode wave : json.get("waves")) {
      waves.add(
          new double[] {wave.get(0).asDouble(), wave.get(1).asDouble(), wave.get(2).asDouble()});
    }
    return new Function(
        t -> {
          double sum = 0;
          for (double[] wave : waves) {
            sum += wave[0] * Math.cos(wave[1] * t + wave[2]);
          }
          return q * t * t + s * t + sum;
        },
        t -> {
          double sum = 0;
          for (double[] wave : waves) {
            sum += wave[0] * wave[1] * Math.sin(wave[1] * t + wave[2]);
          }
          return 2 * q * t + s - sum;
        });
  }

  /**
   * Answers that fit no function reach the rest: a cubic whose minimum is at an end, or nowhere.
   */
  @Test
  void searchesOfAnyAnswersTakeTheStepsOfPyTorch() {
    for (JsonNode json : Golden.read("strong_wolfe.json").get("drawn")) {
      double length = json.get("length").asDouble();
      int[] at = {0};

      Found found =
          search(
              new Function(
                  t -> t == 0 ? 0 : json.get("answers").get(at[0]++).get(0).asDouble(),
                  t -> t == 0 ? -1 : json.get("answers").get(at[0]).get(1).asDouble()),
              1,
              new Tolerance(1e-3, 1e-12));

      assertThat(found.evaluations()).as("%s", json).isEqualTo(json.get("evaluations").asInt());
      assertThat(found.length()).as("%s", json).isCloseTo(length, within(1e-7 * length));
      assertThat(found.loss()).isEqualTo(json.get("loss").asDouble());
    }
  }

  /** −2t − log(1 − t) has its minimum at 1/2, and no value from 1 on. */
  @Test
  void aLossThatIsNotANumberIsTooHigh() {
    Function barrier = new Function(t -> -2 * t - Math.log(1 - t), t -> -2 + 1 / (1 - t));

    for (double first : new double[] {1, 1.5, 8, 1000}) {
      Found found = search(barrier, first, new Tolerance(0.1, 1e-9));

      assertThat(found.loss()).as("from %s", first).isLessThan(-0.29);
      assertThat(found.length()).isCloseTo(0.5, within(0.1));
    }
  }

  /** Each length is ten times the one before. */
  @Test
  void aStraightLineIsFollowedUntilTheSearchEnds() {
    Found found = search(new Function(t -> -t, t -> -1), 1, new Tolerance(0.1, 1e-9));

    assertThat(found.evaluations()).isEqualTo(26);
    assertThat(found.length()).isGreaterThan(1e18);
  }

  /** The cubic through 0 and 1 has slope 0 in the middle, and no minimum: 0/0. */
  @Test
  void aCubicWithoutAMinimumGivesTheMiddleOfWhatMayComeNext() {
    Function function =
        new Function(t -> t == 0 ? 0 : t == 1 ? -1.0 / 3 : -10, t -> t == 0 || t == 1 ? -1 : 0);

    Found found = search(function, 1, new Tolerance(0.1, 1e-9));

    assertThat(found.length()).isEqualTo((1.01 + 10) / 2);
  }

  @Test
  void aLossThatIsNowhereLowerLeavesTheWeight() {
    assertLeaves(new Function(t -> t, t -> -1), 1);
    assertLeaves(new Function(t -> t > 0 ? Double.NaN : 0, t -> t > 0 ? Double.NaN : -1), 1);
  }

  /** It falls in 25 evaluations, each of a longer length, and is high in the last. */
  @Test
  void aLossThatIsHighWhereTheSearchEndsLeavesTheWeight() {
    int[] asked = {0};
    assertLeaves(new Function(t -> t == 0 ? 0 : ++asked[0] > 25 ? 1 : -t, t -> -1), 1e-9);
    assertThat(asked[0]).isEqualTo(26);
  }

  private static void assertLeaves(Function function, double first) {
    Found found = search(function, first, new Tolerance(0.1, 1e-9));

    assertThat(found.length()).isZero();
    assertThat(found.weight()).isZero();
    assertThat(found.loss()).isZero();
    assertThat(found.slope()).isEqualTo(-1);
  }
}
