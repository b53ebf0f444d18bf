package io.trainyard.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.survival.PartialLikelihood;
import io.trainyard.engine.survival.SurvivalRows;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** cox and concordance against the formulas in survival.py, and by hand. */
class PartialLikelihoodTest {
  static Stream<JsonNode> cases() {
    return Golden.read("survival.json").get("cases").valueStream();
  }

  private static double[] numbers(JsonNode golden, String name) {
    return golden.get(name).valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static PartialLikelihood likelihood(JsonNode golden) {
    return PartialLikelihood.of(
        numbers(golden, "risk"), numbers(golden, "time"), numbers(golden, "event"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradientAreThoseOfAutograd(JsonNode golden) {
    PartialLikelihood likelihood = likelihood(golden);

    double expected = golden.get("loss").doubleValue();
    assertThat(likelihood.loss()).isCloseTo(expected, within(1e-9 * Math.max(1, expected)));
    assertThat(likelihood.gradient()).containsExactly(numbers(golden, "gradient"), within(1e-9));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void concordanceIsThatOfAllPairs(JsonNode golden) {
    SurvivalRows rows = new SurvivalRows();
    double[] risks = numbers(golden, "risk");
    for (int i = 0; i < risks.length; i++) {
      rows.add(risks[i], numbers(golden, "time")[i], numbers(golden, "event")[i]);
    }
    JsonNode expected = golden.get("concordance");

    assertThat(rows.concordance())
        .isCloseTo(expected.isNull() ? Double.NaN : expected.doubleValue(), within(1e-12));
  }

  /** log 3 + log 2 over two events; two tied ones leave log 3 + log(3 − ½·2), then log 1. */
  @Test
  void rowsOfEqualRisk() {
    double[] zeros = new double[3];

    assertThat(PartialLikelihood.of(zeros, new double[] {1, 2, 3}, new double[] {1, 1, 0}).loss())
        .isCloseTo(Math.log(6) / 2, within(1e-12));
    PartialLikelihood tied =
        PartialLikelihood.of(zeros, new double[] {1, 1, 2}, new double[] {1, 1, 1});
    assertThat(tied.loss()).isCloseTo(Math.log(6) / 3, within(1e-12));
    assertThat(tied.rows())
        .containsExactly(new double[] {Math.log(6) / 2, Math.log(6) / 2, 0}, within(1e-12));
  }

  @Test
  void withoutAnEventThereIsNoLossAndNoGradient() {
    PartialLikelihood none =
        PartialLikelihood.of(new double[] {1, 2}, new double[] {1, 2}, new double[2]);

    assertThat(none.loss()).isZero();
    assertThat(none.gradient()).containsExactly(0, 0);
  }

  @Test
  void risksFarApartDoNotOverflow() {
    PartialLikelihood far =
        PartialLikelihood.of(new double[] {-2000, 3000}, new double[] {1, 2}, new double[] {1, 1});

    assertThat(far.loss()).isCloseTo(2500, within(1e-9));
    assertThat(far.gradient()).containsExactly(new double[] {-0.5, 0.5}, within(1e-12));
  }

  /** Of five pairs three are in order, one has equal risks; two rows left at the same time. */
  @Test
  void pairsAreCountedByHand() {
    SurvivalRows rows = new SurvivalRows();
    rows.add(3, 1, 1);
    rows.add(1, 2, 1);
    rows.add(1, 2, 0);
    rows.add(2, 3, 0);

    assertThat(rows.concordance()).isCloseTo(3.5 / 5, within(1e-12));
  }

  @Test
  void theLossOfTensorsHasTheSameGradient() {
    JsonNode golden = cases().filter(each -> each.get("risk").size() > 9).findFirst().orElseThrow();
    double[] risks = numbers(golden, "risk");
    HostTensor target = HostTensor.ofDoubles(Shape.of(risks.length, 2), targets(golden));
    HostTensor output = HostTensor.ofDoubles(Shape.of(risks.length, 1), risks);
    double[] computed = new double[risks.length];
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor leaf = TensorConversion.view(output).clone().requires_grad_(true);
                Tensor loss =
                    Losses.of(
                        new NumberLoss.Cox(),
                        new Compared(leaf, leaf, Function.LINEAR, TensorConversion.view(target)),
                        null);
                loss.backward();
                HostTensor gradient = TensorConversion.toHost(leaf.grad());
                for (int i = 0; i < computed.length; i++) {
                  computed[i] = gradient.doubleAt(i);
                }
              }
            });

    assertThat(computed).containsExactly(numbers(golden, "gradient"), within(1e-9));
  }

  private static double[] targets(JsonNode golden) {
    double[] times = numbers(golden, "time");
    double[] events = numbers(golden, "event");
    double[] targets = new double[2 * times.length];
    for (int i = 0; i < times.length; i++) {
      targets[2 * i] = times[i];
      targets[2 * i + 1] = events[i];
    }
    return targets;
  }
}
