package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** No tensor of a layer stays behind. The least of them has a float for each of many units. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Isolated("memory of the process is measured")
@Tag("slow")
class LeakTest {
  private static final int UNITS = 60_000;
  private static final long LEAST = 4L * UNITS;

  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
              + "{'type':'dense','units':60000,'activation':'relu',"
              + "'regularizer':{'l1':0.1,'l2':0.1}},"
              + "{'type':'batch_norm'},{'type':'dropout','rate':0.5},{'type':'flatten'},"
              + "{'type':'dense','name':'y','units':2}]}}");
  private static final NetworkShapes SHAPES = TestEngine.shapes(MODEL);
  private static final Map<String, HostTensor> INPUT =
      Map.of("x", HostTensor.ofFloats(Shape.of(3, 4), new float[12]));

  private final Engine engine = TestEngine.get();

  private static void assertFreed(Runnable work) {
    LeftMemory.assertNone(LEAST, work);
  }

  private Map<String, HostTensor> weights() {
    return engine.initialWeights(SHAPES.weights(), 1);
  }

  @Test
  void initialWeightsLeaveNothing() {
    assertFreed(this::weights);
  }

  @Test
  void loadingAndClosingLeavesNothing() {
    Map<String, HostTensor> weights = weights();
    assertFreed(() -> engine.load(MODEL.network(), SHAPES, weights).close());
  }

  @Test
  void samplesAndGradientsLeaveNothing() {
    HostTensor ones = HostTensor.ofFloats(Shape.of(3, 2), 1, 1, 1, 1, 1, 1);
    try (LoadedNetwork.Differentiable network =
        (LoadedNetwork.Differentiable) engine.load(MODEL.network(), SHAPES, weights())) {
      engine
          .threads()
          .run(
              1,
              () ->
                  assertFreed(
                      () -> {
                        network.sample(INPUT, List.of("y"), 1, () -> false);
                        network.gradients(INPUT, "y", ones, () -> false);
                        assertThatThrownBy(() -> network.gradients(INPUT, "y", ones, () -> true))
                            .isInstanceOf(CancellationException.class);
                      }));
    }
  }

  @Test
  void forwardLeavesNothing() {
    try (LoadedNetwork network = engine.load(MODEL.network(), SHAPES, weights())) {
      engine
          .threads()
          .run(
              1,
              () ->
                  assertFreed(
                      () -> network.forward(INPUT, List.of("y", "dense_1:pre"), () -> false)));
    }
  }

  @Test
  void forwardOfRecurrentLayersLeavesNothing() {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[5,4]}},'layers':["
                + "{'type':'lstm','units':3,'return_sequences':true},"
                + "{'type':'gru','units':3,'return_sequences':true},"
                + "{'type':'activation','function':'linear'},"
                + "{'type':'simple_rnn','name':'y','units':3,'return_sequences':true}]}}");
    NetworkShapes shapes = TestEngine.shapes(model);
    Map<String, HostTensor> input =
        Map.of("x", HostTensor.ofFloats(Shape.of(20_000, 5, 4), new float[400_000]));
    try (LoadedNetwork network =
        engine.load(model.network(), shapes, engine.initialWeights(shapes.weights(), 1))) {
      engine
          .threads()
          .run(1, () -> assertFreed(() -> network.forward(input, List.of("y"), () -> false)));
    }
  }

  @Test
  void constructionThatFailsAtAnyWeightLeavesNothing() {
    Map<String, HostTensor> good = weights();
    for (String name : good.keySet()) {
      Map<String, HostTensor> bad = new LinkedHashMap<>(good);
      bad.computeIfPresent(name, (_, tensor) -> onHeap(tensor));
      assertFreed(
          () ->
              assertThatThrownBy(() -> engine.load(MODEL.network(), SHAPES, bad))
                  .hasMessageContaining("off-heap"));
      TrainingPlan plan = TestEngine.plan(MODEL, "{'loss':'mse','epochs':1}", bad);
      engine
          .threads()
          .run(
              1,
              () ->
                  assertFreed(
                      () ->
                          assertThatThrownBy(() -> engine.session(plan))
                              .hasMessageContaining("off-heap")));
    }
  }

  /** Native tensors cannot view it. */
  private static HostTensor onHeap(HostTensor tensor) {
    return new HostTensor(
        tensor.type(), tensor.shape(), MemorySegment.ofArray(new byte[(int) tensor.bytes()]));
  }

  @Test
  void sessionWhoseLossCannotBeMadeLeavesNothing() {
    TrainingPlan plan = TestEngine.plan(MODEL, "{'loss':'mse','epochs':1}", weights());
    TrainingPlan lossless =
        new TrainingPlan(
            TestEngine.model(
                    "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
                        + "{'type':'dense','name':'z','units':60000}]}}")
                .network(),
            plan.shapes(),
            plan.targets(),
            plan.training(),
            1,
            plan.initialWeights(),
            1,
            plan.device());
    engine
        .threads()
        .run(
            1,
            () ->
                assertFreed(
                    () ->
                        assertThatThrownBy(() -> engine.session(lossless))
                            .isInstanceOf(RuntimeException.class)));
  }

  @Test
  void closingTwiceFreesOnce() {
    assertFreed(
        () -> {
          LoadedNetwork network = engine.load(MODEL.network(), SHAPES, weights());
          network.close();
          network.close();
        });
  }

  @Test
  void trainingLeavesNothing() {
    Map<String, HostTensor> weights = weights();
    Subset part =
        new Subset(3, INPUT, Map.of("t", HostTensor.ofFloats(Shape.of(3, 2), new float[6])));
    for (String training :
        List.of(
            "'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9,'nesterov':true,"
                + "'weight_decay':0.1},'gradient_clipping':{'norm':1}",
            "'optimizer':{'type':'adam','weight_decay':0.1},'gradient_clipping':{'value':0.5},"
                + "'diagnostics':['gradient_norms','weight_norms','update_ratios','dead_units']")) {
      TrainingPlan plan =
          TestEngine.plan(MODEL, "{'loss':'mse','epochs':1," + training + "}", weights);
      engine.threads().run(1, () -> assertFreed(() -> train(plan, part)));
    }
  }

  private void train(TrainingPlan plan, Subset part) {
    try (TrainingSession session = engine.session(plan);
        ResidentSubset rows = session.load(part)) {
      session.beginEpoch(rows, 0, 1, true);
      session.step(rows, 0, 2, (objective, output, truth) -> {});
      session.step(rows, 2, 1, null);
      var _ = session.losses().means();
      var _ = session.diagnostics(rows, 2);
      session.restoreEpoch(session.epochState());
      session.evaluate(rows, 0, 3, (objective, output, truth) -> {});
      session.keepBest();
      session.restoreWeights(session.bestWeights());
      session.restoreBest(session.weights());
      session.restoreOptimizer(session.optimizerState());
    }
  }

  @ParameterizedTest
  @FieldSource("io.trainyard.engine.SearchesTest#OPTIMIZERS")
  void searchesLeaveNothing(String optimizer) {
    TrainingPlan plan =
        TestEngine.plan(
            SearchesTest.MODEL,
            "{'loss':'mse','epochs':1,'batch_size':4,'optimizer':" + optimizer + "}",
            engine.initialWeights(TestEngine.shapes(SearchesTest.MODEL).weights(), 3));
    int many = 30_000;
    float[] numbers = new float[2 * many];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(i);
    }
    Subset rows =
        new Subset(
            many,
            Map.of("x", HostTensor.ofFloats(Shape.of(many, 2), numbers)),
            Map.of("t", HostTensor.ofFloats(Shape.of(many, 1), Arrays.copyOf(numbers, many))));
    // The least tensor has a double for each row.
    engine.threads().run(1, () -> LeftMemory.assertNone(8L * many, () -> search(plan, rows)));
  }

  private void search(TrainingPlan plan, Subset subset) {
    try (TrainingSession session = engine.session(plan);
        ResidentSubset rows = session.load(subset)) {
      for (int epoch = 1; epoch <= 2; epoch++) {
        session.beginEpoch(rows, 0, epoch, true);
        session.step(rows, 0, subset.rows(), null);
        session.restoreOptimizer(session.optimizerState());
      }
    }
  }
}
