package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.loss.Compared;
import io.trainyard.engine.loss.Losses;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gradients computed without autograd equal autograd's. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DenseChainTest {
  private static final int ROWS = 6;
  private static final HostTensor WEIGHTS =
      HostTensor.ofFloats(Shape.of(ROWS), 1, 0, 2.5f, 1, 0.3f, 7);

  @ParameterizedTest
  @CsvSource({
    "linear, linear, mse, true",
    "tanh, linear, mse, true",
    "relu, sigmoid, mse, true",
    "sigmoid, tanh, mse, false",
    "relu, relu, mse, true",
    "tanh, linear, mae, true",
    "relu, tanh, sse, true",
    "tanh, linear, huber, true",
    "sigmoid, linear, smooth_l1, false",
    "tanh, sigmoid, binary_crossentropy, true",
    "relu, softmax, categorical_crossentropy, true",
    "sigmoid, softmax, categorical_crossentropy, false",
  })
  void gradientsEqualAutograds(String inner, String last, String loss, boolean bias) {
    ModelSpec model =
        model(
            "{'type':'dense','name':'a','units':5,'bias':%s,'activation':'%s'},"
                    .formatted(bias, inner)
                + "{'type':'dense','name':'b','units':4},"
                + "{'type':'activation','name':'f','function':'%s'},".formatted(inner)
                + "{'type':'dense','name':'c','units':3,'activation':'%s'}".formatted(last));
    for (String smoothing : List.of("", ", 'label_smoothing': 0.1")) {
      if (smoothing.isEmpty() || loss.endsWith("crossentropy")) {
        TrainingPlan plan = plan(model, loss, smoothing);
        TestEngine.get().threads().run(1, () -> compare(plan, null));
        TestEngine.get().threads().run(1, () -> compare(plan, WEIGHTS));
      }
    }
  }

  private static void compare(TrainingPlan plan, @Nullable HostTensor rowWeights) {
    LossSpec loss = plan.training().losses().of("y", "c");
    try (PointerScope scope = new PointerScope();
        TrainedWeights weights =
            new TrainedWeights(
                plan.network(),
                plan.shapes(),
                plan.initialWeights(),
                Device.CPU,
                ElementType.FLOAT32);
        DenseChain chain = DenseChain.of(plan, weights, false).orElseThrow()) {
      Graph graph = new Graph(plan.network(), plan.shapes(), weights);
      Tensor x = TensorConversion.copy(numbers(Shape.of(ROWS, 3), 1), Device.CPU);
      Tensor target = TensorConversion.copy(target(loss), Device.CPU);
      Tensor rows = rowWeights == null ? null : TensorConversion.copy(rowWeights, Device.CPU);

      Graph.Values values =
          graph.run(
              new @Nullable Tensor[] {x}, graph.plan(List.of("c")), ForwardContext.PREDICTION);
      Tensor expected =
          Losses.of(
              loss,
              new Compared(
                  graph.value(values, "c:pre"),
                  graph.value(values, "c"),
                  plan.network().layer("c").spec().activation().function(),
                  target),
              rows);
      expected.backward();
      float[] autograds = TensorConversion.toHost(weights.gradient()).toFloats();
      weights.gradient().zero_();

      Tensor actual = chain.forward(x, target, rows, ROWS);
      chain.backward(ROWS);

      assertThat(TensorConversion.element(actual))
          .isEqualTo(TensorConversion.element(expected.detach()));
      float[] own = TensorConversion.toHost(weights.gradient()).toFloats();
      for (int i = 0; i < own.length; i++) {
        assertThat(own[i])
            .as("gradient %d", i)
            .isCloseTo(autograds[i], Offset.offset(1e-6f * Math.max(1, Math.abs(autograds[i]))));
      }
      assertThat(autograds).as("some gradients are not 0").isNotEqualTo(new float[own.length]);
    }
  }

  @Test
  void otherNetworksUseAutograd() {
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              assertThat(isWholeChain(model("{'type':'dense','name':'c','units':3}"))).isTrue();
              assertThat(
                      isWholeChain(
                          model(
                              "{'type':'dropout','rate':0.5},"
                                  + "{'type':'dense','name':'c','units':3}")))
                  .isFalse();
              assertThat(
                      isWholeChain(
                          model(
                              "{'type':'dense','name':'a','units':3,'trainable':false},"
                                  + "{'type':'dense','name':'c','units':3}")))
                  .isFalse();
              assertThat(
                      isWholeChain(
                          model("{'type':'dense','name':'c','units':3,'activation':'gelu'}")))
                  .isFalse();
            });
  }

  private static boolean isWholeChain(ModelSpec model) {
    TrainingPlan plan = plan(model, "mse", "");
    try (TrainedWeights weights =
        new TrainedWeights(
            plan.network(),
            plan.shapes(),
            plan.initialWeights(),
            Device.CPU,
            ElementType.FLOAT32)) {
      var chain = DenseChain.of(plan, weights, false);
      chain.ifPresent(DenseChain::close);
      return chain.isPresent() && chain.get().isWhole();
    }
  }

  private static ModelSpec model(String layers) {
    return TestEngine.model(
        "{'name':'m','network':{'inputs':{'x':{'shape':[3]}},'layers':[" + layers + "]}}");
  }

  private static TrainingPlan plan(ModelSpec model, String loss, String more) {
    return TestEngine.plan(
        model,
        "{'loss':'%s','epochs':1,'optimizer':{'type':'sgd'}%s}".formatted(loss, more),
        TestEngine.get().initialWeights(TestEngine.shapes(model).weights(), 3));
  }

  private static HostTensor target(LossSpec loss) {
    if (loss instanceof ClassLoss.CategoricalCrossentropy) {
      return HostTensor.ofLongs(Shape.of(ROWS), 0, 2, 1, 1, 0, 2);
    }
    HostTensor target = numbers(Shape.of(ROWS, 3), 2);
    if (loss instanceof ClassLoss.BinaryCrossentropy) {
      for (int i = 0; i < target.shape().elements(); i++) {
        target.setFloat(i, target.floatAt(i) > 0 ? 1 : 0);
      }
    }
    return target;
  }

  private static HostTensor numbers(Shape shape, long seed) {
    Random random = new Random(seed);
    HostTensor tensor = HostTensor.ofFloats(shape, new float[(int) shape.elements()]);
    for (int i = 0; i < shape.elements(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }
}
