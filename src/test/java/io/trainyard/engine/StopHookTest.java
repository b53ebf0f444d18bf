package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A step ends at each place where it asks, forward and backward, and leaves the weights alone. */
@Isolated("memory of the process is measured")
@Tag("long")
class StopHookTest {
  private static final int LAYERS = 4;
  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
              + "{'type':'dense','units':8,'activation':'gelu'},"
              + "{'type':'layer_norm'},{'type':'dense','units':8,'activation':'gelu'},"
              + "{'type':'dense','name':'y','units':2}]}}");
  private static final Subset ROWS =
      new Subset(
          3,
          Map.of("x", HostTensor.ofFloats(Shape.of(3, 4), 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3)),
          Map.of("t", HostTensor.ofFloats(Shape.of(3, 2), new float[6])));

  private final Engine engine = TestEngine.get();

  @Test
  void aStepAsksBetweenAllLayersForwardAndBackward() {
    AtomicInteger asked = new AtomicInteger();
    inSession(
        (session, rows) -> {
          session.stopWhen(
              () -> {
                asked.incrementAndGet();
                return false;
              });
          assertThat(session.step(rows, 0, 3, null)).isTrue();
        });
    assertThat(asked).hasValue(2 * LAYERS);
  }

  @Test
  void aStepThatIsStoppedAnywhereChangesNoWeight() {
    for (int stopAt = 1; stopAt <= 2 * LAYERS; stopAt++) {
      AtomicInteger left = new AtomicInteger(stopAt);
      inSession(
          (session, rows) -> {
            Map<String, float[]> before = floats(session.weights());
            session.stopWhen(() -> left.decrementAndGet() == 0);
            assertThatThrownBy(() -> session.step(rows, 0, 3, null))
                .isInstanceOf(CancellationException.class);
            assertThat(floats(session.weights()))
                .allSatisfy(
                    (name, weights) ->
                        assertThat(Arrays.equals(weights, before.get(name))).isTrue());
          });
    }
  }

  @Test
  void anEvaluationIsStoppedToo() {
    inSession(
        (session, rows) -> {
          session.stopWhen(() -> true);
          assertThatThrownBy(() -> session.evaluate(rows, 0, 3, null))
              .isInstanceOf(CancellationException.class);
        });
  }

  @Test
  void askingLeavesNoTensor() {
    int many = 60_000;
    Subset manyRows =
        new Subset(
            many,
            Map.of("x", HostTensor.ofFloats(Shape.of(many, 4), new float[4 * many])),
            Map.of("t", HostTensor.ofFloats(Shape.of(many, 2), new float[2 * many])));
    Runnable work =
        () ->
            inSession(
                manyRows,
                (session, rows) -> {
                  session.stopWhen(() -> false);
                  session.step(rows, 0, many, null);
                });
    LeftMemory.assertNone(4L * many, work);
  }

  private interface Work {
    void run(TrainingSession session, ResidentSubset rows);
  }

  private void inSession(Work work) {
    inSession(ROWS, work);
  }

  private void inSession(Subset subset, Work work) {
    TrainingPlan plan =
        TestEngine.plan(
            MODEL,
            "{'loss':'mse','epochs':1,'optimizer':{'type':'sgd','learning_rate':0.1}}",
            Map.of());
    engine
        .threads()
        .run(
            1,
            () -> {
              try (TrainingSession session = engine.session(plan);
                  ResidentSubset rows = session.load(subset)) {
                session.beginEpoch(rows, 0, 1, false);
                work.run(session, rows);
              }
            });
  }

  private static Map<String, float[]> floats(Map<String, HostTensor> weights) {
    Map<String, float[]> floats = new HashMap<>();
    weights.forEach((name, tensor) -> floats.put(name, tensor.toFloats()));
    return floats;
  }
}
