package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What holds for every optimizer whose step computes several losses. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Tag("long")
class SearchesTest {
  static final List<String> OPTIMIZERS =
      List.of(
          "'lbfgs'",
          "{'type':'lbfgs','line_search':'strong_wolfe'}",
          "'traingdx'",
          "'conjugate_gradient'",
          "'traincgf'",
          "'scaled_conjugate_gradient'",
          "'bfgs'",
          "'levenberg_marquardt'",
          "'bayesian_regularization'");

  static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},'layers':["
              + "{'type':'dense','units':3,'activation':'gelu'},{'type':'dense','units':1}]}}");
  private static final Subset ROWS =
      new Subset(
          4,
          Map.of("x", HostTensor.ofFloats(Shape.of(4, 2), 0, 0, 0, 1, 1, 0, 1, 1)),
          Map.of("t", HostTensor.ofFloats(Shape.of(4, 1), 0, 1, 1, 0)));

  private final Engine engine = TestEngine.get();
  private final Map<String, HostTensor> weights =
      engine.initialWeights(TestEngine.shapes(MODEL).weights(), 3);

  private TrainingPlan plan(String optimizer) {
    return TestEngine.plan(
        MODEL, "{'loss':'mse','epochs':1,'batch_size':4,'optimizer':" + optimizer + "}", weights);
  }

  @ParameterizedTest
  @FieldSource("OPTIMIZERS")
  void aStepThatIsEndedAnywhereLeavesTheWeights(String optimizer) {
    TrainingPlan plan = plan(optimizer);
    engine
        .threads()
        .run(
            1,
            () -> {
              int[] asked = {0};
              BooleanSupplier counting =
                  () -> {
                    asked[0]++;
                    return false;
                  };
              Map<String, HostTensor> before = step(plan, counting, false);
              // The loss of the new weights may be computed after the step: it asks twice.
              int all = asked[0] - 2;
              // Two layers, forward and back, for at least two evaluations.
              assertThat(all).isGreaterThanOrEqualTo(6);
              for (int end = 1; end <= all; end++) {
                int last = end;
                asked[0] = 0;
                Map<String, HostTensor> after = step(plan, () -> ++asked[0] == last, true);
                assertSame(before, after);
              }
            });
  }

  /** The weights before a step that is done; those after one that is ended. */
  private Map<String, HostTensor> step(TrainingPlan plan, BooleanSupplier stopped, boolean ends) {
    try (TrainingSession session = engine.session(plan);
        ResidentSubset rows = session.load(ROWS)) {
      session.stopWhen(stopped);
      session.beginEpoch(rows, 0, 1, false);
      Map<String, HostTensor> before = session.weights();
      if (ends) {
        assertThatThrownBy(() -> session.step(rows, 0, 4, null))
            .isInstanceOf(CancellationException.class);
        return session.weights();
      }
      assertThat(session.step(rows, 0, 4, null)).isTrue();
      return before;
    }
  }

  private static void assertSame(Map<String, HostTensor> before, Map<String, HostTensor> after) {
    before.forEach(
        (name, tensor) ->
            assertThat(tensor.data().mismatch(Objects.requireNonNull(after.get(name)).data()))
                .as(name)
                .isEqualTo(-1));
  }
}
