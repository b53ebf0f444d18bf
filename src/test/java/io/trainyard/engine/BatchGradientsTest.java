package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that end with a chain of dense layers have the gradients of autograd alone. */
class BatchGradientsTest {
  private static final int ROWS = 6;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'lstm','units':4},{'type':'dense','units':1} | mse | chain",
        "{'type':'lstm','units':4,'trainable':false},{'type':'dense','units':1} | mse | chain",
        "{'type':'conv1d','filters':3,'kernel_size':2,'activation':'relu'},{'type':'flatten'},"
            + "{'type':'dense','units':5},{'type':'activation','function':'tanh'},"
            + "{'type':'dense','units':3,'activation':'softmax'}"
            + " | categorical_crossentropy | chain",
        "{'type':'flatten'},{'type':'dense','units':4,'activation':'gelu'},"
            + "{'type':'dense','units':3,'activation':'relu'},{'type':'dense','units':1}"
            + " | huber | chain",
        "{'type':'flatten'},{'type':'dense','name':'a','units':6,'activation':'relu'},"
            + "{'type':'dense','name':'b','units':6},{'type':'add','inputs':['a','b']},"
            + "{'type':'dense','units':1} | mse | chain",
        "{'type':'dense','units':1},{'type':'flatten'},{'type':'dense','units':6,'name':'w'},"
            + "{'type':'dense','units':6,'share':'w'},{'type':'dense','units':1} | mae | chain",
        "{'type':'dense','units':2},{'type':'flatten'},{'type':'dropout','rate':0.0}"
            + " | mse | none",
      })
  void gradientsEqualAutogradsAlone(String layers, String loss, String chain) {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[6,2]}},'layers':[" + layers + "]}}");
    TrainingPlan plan =
        TestEngine.plan(
            model,
            "{'loss':'%s','epochs':1,'optimizer':{'type':'adam'}}".formatted(loss),
            Map.of());
    Random random = new Random(2);
    Shape output = plan.shapes().of(plan.objectives().getFirst().output());
    HostTensor x = numbers(Shape.of(ROWS, 6, 2), random);
    HostTensor t =
        loss.startsWith("categorical")
            ? HostTensor.ofLongs(Shape.of(ROWS), 0, 2, 1, 1, 0, 2)
            : numbers(output.batched(ROWS), random);
    Subset subset = new Subset(ROWS, Map.of("x", x), Map.of("t", t));
    TestEngine.get().threads().run(1, () -> compare(plan, subset, chain.equals("chain")));
  }

  private static HostTensor numbers(Shape shape, Random random) {
    HostTensor numbers = HostTensor.ofFloats(shape, new float[Math.toIntExact(shape.elements())]);
    for (long i = 0; i < shape.elements(); i++) {
      numbers.setFloat(i, (float) random.nextGaussian());
    }
    return numbers;
  }

  private static void compare(TrainingPlan plan, Subset rows, boolean ends) {
    Map<String, HostTensor> initial =
        TestEngine.get().initialWeights(plan.shapes().weights(), plan.seed());
    try (PointerScope scope = new PointerScope();
        RandomSource random = new RandomSource(1);
        TrainedWeights weights =
            new TrainedWeights(
                plan.network(), plan.shapes(), initial, Device.CPU, ElementType.FLOAT32);
        ResidentSubset subset =
            new ResidentSubset(
                rows,
                plan.network().inputNames(),
                plan.objectives(),
                Map.of(),
                Device.CPU,
                ElementType.FLOAT32)) {
      Graph graph = new Graph(plan.network(), plan.shapes(), weights);
      BatchLoss loss = new BatchLoss(plan, graph, weights);
      ForwardContext context = ForwardContext.training(random);
      DenseChain chain = DenseChain.of(plan, weights, false).orElse(null);
      assertThat(chain != null).isEqualTo(ends);
      ForwardPlan head = chain == null ? null : graph.plan(List.of(chain.source()));

      float[] expected = gradient(null, null, graph, loss, weights, context, subset);
      float[] actual = gradient(chain, head, graph, loss, weights, context, subset);

      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i])
            .as("loss and gradient %d", i)
            .isCloseTo(expected[i], Offset.offset(1e-6f * Math.max(1, Math.abs(expected[i]))));
      }
      if (chain != null) {
        chain.close();
      }
    }
  }

  /** The loss, then the gradients. */
  private static float[] gradient(
      @Nullable DenseChain chain,
      @Nullable ForwardPlan head,
      Graph graph,
      BatchLoss loss,
      TrainedWeights weights,
      ForwardContext context,
      ResidentSubset subset) {
    BatchGradient batch =
        new BatchGradients(chain, head, graph, loss, weights, context, null)
            .of(subset, 0, ROWS, null);
    assertThat(batch instanceof BatchGradient.Joined).isEqualTo(chain != null);
    float total = batch.forward().total().item_float();
    assertThat(batch.backward()).isTrue();
    float[] gradients = TensorConversion.toHost(weights.gradient()).toFloats();
    float[] all = new float[gradients.length + 1];
    all[0] = total;
    System.arraycopy(gradients, 0, all, 1, gradients.length);
    return all;
  }
}
