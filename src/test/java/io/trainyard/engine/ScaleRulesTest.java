package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * Initializers, penalties and limits of the scales of norm layers and of prelu's slope, by hand.
 */
class ScaleRulesTest {
  private static final String TWO = "'initializer':{'type':'uniform','min':2,'max':2}";
  private static final String HALF = "'initializer':{'type':'uniform','min':0.5,'max':0.5}";

  @Test
  void theyStartAsTheInitializersSay() {
    Map<String, float[]> weights =
        initial(
            "{'type':'batch_norm','name':'b',%s,'bias_initializer':{'type':'uniform','min':3,'max':3}}"
                .formatted(TWO),
            "{'type':'layer_norm','name':'l','initializer':'zeros','bias_initializer':'ones'}",
            "{'type':'group_norm','name':'g','groups':1,%s}".formatted(HALF),
            "{'type':'prelu','name':'p',%s}".formatted(HALF));

    assertThat(weights.get("b.weight")).containsExactly(2, 2);
    assertThat(weights.get("b.bias")).containsExactly(3, 3);
    assertThat(weights.get("b.running_mean")).containsExactly(0, 0);
    assertThat(weights.get("b.running_var")).containsExactly(1, 1);
    assertThat(weights.get("l.weight")).containsExactly(0, 0);
    assertThat(weights.get("l.bias")).containsExactly(1, 1);
    assertThat(weights.get("g.weight")).containsExactly(0.5f, 0.5f);
    assertThat(weights.get("g.bias")).containsExactly(0, 0);
    assertThat(weights.get("p.weight")).containsExactly(0.5f);
  }

  @Test
  void pyTorchsOwnAreTheDefaults() {
    String torch = "'initializer':'torch'";
    Map<String, float[]> weights =
        initial(
            "{'type':'batch_norm','name':'b',%s}".formatted(torch),
            "{'type':'prelu','name':'p',%s}".formatted(torch),
            "{'type':'layer_norm','name':'l'}");

    assertThat(weights.get("b.weight")).containsExactly(1, 1);
    assertThat(weights.get("b.bias")).containsExactly(0, 0);
    assertThat(weights.get("p.weight")).containsExactly(0.25f);
    assertThat(weights.get("l.weight")).containsExactly(1, 1);
  }

  @Test
  void scalesAndSlopesArePenalizedAndBiasesAreNot() {
    // (−1, 1)·2 + 1 is the target, so the loss is 0.1·(2 + 2) + 0.01·(4 + 4).
    String norm =
        "{'type':'layer_norm','name':'y',%s,'bias_initializer':'ones','regularizer':{'l1':0.1,'l2':0.01}}"
            .formatted(TWO);
    assertThat(loss(norm, new float[] {1, 3}, new float[] {-1, 3})).isCloseTo(0.48, within(1e-6));
    // prelu(−2) is −1, so the loss is 0.2·0.5².
    String prelu = "{'type':'prelu','name':'y',%s,'regularizer':{'l2':0.2}}".formatted(HALF);
    assertThat(loss(prelu, new float[] {-2, 4}, new float[] {-1, 4})).isCloseTo(0.05, within(1e-7));
  }

  @Test
  void aScaleIsKeptBelowItsLimit() {
    float[] weights =
        in(
            "{'type':'layer_norm','name':'y',%s,'constraint':{'max_norm':0.75}}".formatted(TWO),
            new float[] {1, 3},
            new float[] {-2, 2},
            (session, rows) -> {
              session.beginEpoch(rows, 0, 1, false);
              assertThat(session.step(rows, 0, 1, null)).isTrue();
              return Objects.requireNonNull(floats(session.weights()).get("y.weight"));
            });
    assertThat(weights).containsExactly(new float[] {0.75f, 0.75f}, within(1e-5f));
  }

  @Test
  void whatHasNoMeaningForOneAxisIsRefused() {
    assertThat(
            Specs.modelFaults(
                Specs.networkText(
                    "[2]",
                    "{'type':'layer_norm','initializer':'orthogonal','bias_initializer':'nguyen_widrow'}",
                    "{'type':'prelu','bias_initializer':'ones'}")))
        .hasSize(3)
        .anySatisfy(
            fault ->
                assertThat(fault)
                    .isEqualTo(
                        "/network/layers/0/initializer: These weights have one axis and cannot be"
                            + " orthogonal; use ones, uniform or normal"))
        .anySatisfy(
            fault -> assertThat(fault).startsWith("/network/layers/0/bias_initializer: These"))
        .anySatisfy(fault -> assertThat(fault).startsWith("/network/layers/1/bias_initializer: "));
  }

  private static Map<String, float[]> initial(String... layers) {
    return floats(TestEngine.get().initialWeights(Specs.shapes("[2]", layers).weights(), 1));
  }

  private static Map<String, float[]> floats(Map<String, HostTensor> weights) {
    Map<String, float[]> floats = new HashMap<>();
    weights.forEach(
        (name, tensor) -> {
          if (!name.endsWith("num_batches_tracked")) {
            floats.put(name, tensor.toFloats());
          }
        });
    return floats;
  }

  private static double loss(String layer, float[] x, float[] target) {
    return in(layer, x, target, (session, rows) -> session.evaluate(rows, 0, 1, null).means()[0]);
  }

  /** The result of work with a network of one layer and one row. */
  private static <T> T in(
      String layer,
      float[] x,
      float[] target,
      BiFunction<TrainingSession, ResidentSubset, T> work) {
    ModelSpec model = Specs.network("[2]", layer);
    TrainingPlan plan =
        TestEngine.plan(
            model,
            "{'loss':'mse','epochs':1,'optimizer':{'type':'sgd','learning_rate':0.001}}",
            Map.of());
    Subset row =
        new Subset(
            1,
            Map.of("x", HostTensor.ofFloats(Shape.of(1, 2), x)),
            Map.of("t", HostTensor.ofFloats(Shape.of(1, 2), target)));
    Engine engine = TestEngine.get();
    return Objects.requireNonNull(
        engine
            .threads()
            .call(
                1,
                () -> {
                  try (TrainingSession session = engine.session(plan);
                      ResidentSubset rows = session.load(row)) {
                    return work.apply(session, rows);
                  }
                }));
  }
}
