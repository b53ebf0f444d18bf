package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.TestEngine;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.predict.compute.ComputeQueue.Weight;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForwardPassTest {
  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[6,2]}},'layers':["
              + "{'type':'conv1d','name':'c','filters':3,'kernel_size':3,'activation':'tanh'},"
              + "{'type':'batch_norm','name':'b'},{'type':'flatten','name':'f'},"
              + "{'type':'dense','name':'o','units':4,'activation':'softmax'}]}}");

  private final Random random = new Random(4);
  private final List<Integer> steps = new ArrayList<>();

  @Test
  void rowsInCompanyGiveWhatTheyGiveAlone() {
    try (LoadedNetwork network = load()) {
      SharedNetwork shared = new SharedNetwork(network);
      List<ForwardPass> works = new ArrayList<>();
      List<HostTensor> alone = new ArrayList<>();
      for (int rows : new int[] {1, 3, 1, 2}) {
        HostTensor x = numbers(rows);
        works.add(work(shared, x, 8));
        alone.add(
            Objects.requireNonNull(compute(() -> work(shared, x, 8).next(() -> false)).get("o")));
      }
      steps.clear();
      List<Map<String, HostTensor>> together =
          compute(
              () ->
                  works
                      .getFirst()
                      .together(List.copyOf(works.subList(1, works.size())), () -> false));
      assertThat(steps).containsExactly(7);
      for (int i = 0; i < works.size(); i++) {
        HostTensor own = Objects.requireNonNull(together.get(i).get("o"));
        assertThat(own.shape()).isEqualTo(alone.get(i).shape());
        assertThat(own.toFloats()).containsExactly(alone.get(i).toFloats(), within(1e-5f));
      }
    }
  }

  @Test
  void onlyAlikeRowsWithinTheLimitJoin() {
    try (LoadedNetwork network = load()) {
      SharedNetwork shared = new SharedNetwork(network);
      ForwardPass first = work(shared, numbers(2), 4);
      assertThat(first.joins(work(shared, numbers(2), 4), 2)).isTrue();
      assertThat(first.joins(work(shared, numbers(3), 4), 2)).as("five rows").isFalse();
      assertThat(first.joins(work(new SharedNetwork(network), numbers(2), 4), 2))
          .as("another version")
          .isFalse();
      ForwardPass others =
          new ForwardPass(
              shared,
              Map.of("x", numbers(1)),
              List.of("c"),
              new ForwardPass.Slices(4, 4, Weight.LIGHT),
              steps::add);
      assertThat(first.joins(others, 2)).as("other outputs").isFalse();
      ForwardPass longer = work(shared, HostTensor.ofFloats(Shape.of(1, 7, 2), new float[14]), 4);
      assertThat(first.joins(longer, 2)).as("longer rows").isFalse();
    }
  }

  @Test
  void slicesGiveWhatOneStepGives() {
    try (LoadedNetwork network = load()) {
      SharedNetwork shared = new SharedNetwork(network);
      HostTensor x = numbers(7);
      HostTensor whole =
          Objects.requireNonNull(compute(() -> work(shared, x, 8).next(() -> false)).get("o"));
      ForwardPass sliced = work(shared, x, 3);
      steps.clear();
      Map<String, HostTensor> last = null;
      for (int i = 0; i < sliced.steps(); i++) {
        assertThat(last).isNull();
        last = compute(() -> sliced.next(() -> false));
      }
      assertThat(steps).containsExactly(3, 3, 1);
      assertThat(Objects.requireNonNull(Objects.requireNonNull(last).get("o")).toFloats())
          .containsExactly(whole.toFloats(), within(1e-5f));
    }
  }

  private ForwardPass work(SharedNetwork network, HostTensor x, int perSlice) {
    ForwardPass.Slices slices = new ForwardPass.Slices(perSlice, perSlice, Weight.LIGHT);
    return new ForwardPass(network, Map.of("x", x), List.of("o"), slices, steps::add);
  }

  private HostTensor numbers(int rows) {
    float[] elements = new float[rows * 12];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    return HostTensor.ofFloats(Shape.of(rows, 6, 2), elements);
  }

  private static LoadedNetwork load() {
    return TestEngine.get()
        .load(
            MODEL.network(),
            TestEngine.shapes(MODEL),
            TestEngine.get().initialWeights(TestEngine.shapes(MODEL).weights(), 1));
  }

  @SuppressWarnings("NullAway") // a slice before the last gives nothing
  private static <T> T compute(java.util.function.Supplier<T> work) {
    return TestEngine.get().threads().call(1, work::get);
  }
}
