package io.trainyard.predict.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Engine;
import io.trainyard.engine.TestEngine;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Small chains in plain Java beside the same networks in libtorch. */
class DenseNetworkTest {
  private static final int[] ROWS = {1, 2, 3, 63, 64, 65, 130};

  private final Random random = new Random(15);

  @Test
  void givesWhatTheEngineGives() {
    List<Function> functions = List.of(Function.values());
    for (int i = 0; i < 60; i++) {
      ModelSpec model = chain(functions.get(i % functions.size()));
      Map<String, HostTensor> weights = weights(model);
      DenseNetwork plain = of(model, weights).orElseThrow();
      int rows = ROWS[i % ROWS.length];
      HostTensor x = numbers(model.network().input("x").batched(rows), 2);
      List<String> wanted = new ArrayList<>();
      model.network().layers().forEach(layer -> wanted.add(layer.name()));
      model.network().layers().forEach(layer -> wanted.add(layer.name() + ":pre"));

      Map<String, HostTensor> expected = engine(model, weights, x, wanted);
      Map<String, HostTensor> given = plain.forward(Map.of("x", x), wanted, () -> false);

      assertThat(given).containsOnlyKeys(wanted);
      expected.forEach(
          (name, tensor) -> assertClose(Objects.requireNonNull(given.get(name)), tensor, name));
    }
  }

  private static void assertClose(HostTensor given, HostTensor expected, String what) {
    assertThat(given.shape()).as(what).isEqualTo(expected.shape());
    float[] ours = given.toFloats();
    float[] theirs = expected.toFloats();
    // A sum of large terms may be small: its error goes with the terms, not with the sum.
    float largest = 1;
    for (float each : theirs) {
      largest = Math.max(largest, Math.abs(each));
    }
    assertThat(ours).as(what).containsExactly(theirs, within(1e-5f * largest));
  }

  @Test
  void aRowHasTheSameBitsAloneAndInCompany() {
    for (int i = 0; i < 20; i++) {
      ModelSpec model = chain(Function.TANH);
      DenseNetwork plain = of(model, weights(model)).orElseThrow();
      HostTensor x = numbers(model.network().input("x").batched(130), 2);
      List<String> wanted = model.network().outputs();
      HostTensor together = only(plain.forward(Map.of("x", x), wanted, () -> false));
      for (int row : new int[] {0, 63, 64, 129}) {
        HostTensor alone = only(plain.forward(Map.of("x", x.rows(row, 1)), wanted, () -> false));
        assertThat(alone.toFloats()).isEqualTo(together.rows(row, 1).toFloats());
      }
    }
  }

  @Test
  void computesByHand() {
    ModelSpec model =
        model(
            "[2]",
            "{'type':'dense','name':'h','units':2,'activation':'relu'},"
                + "{'type':'dropout','name':'d','rate':0.5},"
                + "{'type':'dense','name':'o','units':1,'bias':false}");
    DenseNetwork plain =
        of(
                model,
                Map.of(
                    "h.weight", HostTensor.ofFloats(Shape.of(2, 2), 1, 2, -1, 0),
                    "h.bias", HostTensor.ofFloats(Shape.of(2), 0.5f, 0),
                    "o.weight", HostTensor.ofFloats(Shape.of(1, 2), 2, 7)))
            .orElseThrow();

    HostTensor x = HostTensor.ofFloats(Shape.of(2, 2), 1, 1, -3, 1);

    // Row 1: h = relu(3.5, −1), o = 7. Row 2: h = relu(−0.5, 3), o = 21.
    assertThat(only(plain.forward(Map.of("x", x), List.of("o"), () -> false)).toFloats())
        .containsExactly(7, 21);
    assertThat(plain.bytes()).isEqualTo(4 * (4 + 2 + 2 + 1));
  }

  @Test
  void leavesOtherNetworksToTheEngine() {
    assertThat(isPlain("[4]", "{'type':'dense','units':3}")).isTrue();
    assertThat(isPlain("[2, 2]", "{'type':'flatten'},{'type':'dense','units':3}")).isTrue();
    assertThat(isPlain("[500]", "{'type':'dense','units':101}")).as("too large").isFalse();
    assertThat(isPlain("[2, 2]", "{'type':'dense','units':3}")).as("two axes").isFalse();
    assertThat(isPlain("[4]", "{'type':'layer_norm'},{'type':'dense','units':3}")).isFalse();
    assertThat(
            isPlain(
                "[4]", "{'type':'dense','name':'a','units':4},{'type':'add','inputs':['x','a']}"))
        .as("a branch")
        .isFalse();
  }

  @Test
  void leavesWeightsThatDoNotFitToTheEngine() {
    ModelSpec model = model("[4]", "{'type':'dense','name':'d','units':3}");
    Map<String, HostTensor> weights = new HashMap<>(weights(model));
    weights.put("d.weight", HostTensor.ofFloats(Shape.of(4, 3), new float[12]));
    assertThat(of(model, weights)).isEmpty();
    weights.remove("d.weight");
    assertThat(of(model, weights)).isEmpty();
  }

  @Test
  void endsWhenNobodyWaits() {
    ModelSpec model = chain(Function.RELU);
    DenseNetwork plain = of(model, weights(model)).orElseThrow();
    HostTensor x = numbers(model.network().input("x").batched(2), 1);
    assertThatThrownBy(() -> plain.forward(Map.of("x", x), model.network().outputs(), () -> true))
        .isInstanceOf(CancellationException.class);
  }

  private boolean isPlain(String shape, String layers) {
    ModelSpec model = model(shape, layers);
    return of(model, weights(model)).isPresent();
  }

  private static HostTensor only(Map<String, HostTensor> outputs) {
    assertThat(outputs).hasSize(1);
    return outputs.values().iterator().next();
  }

  private static Optional<DenseNetwork> of(ModelSpec model, Map<String, HostTensor> weights) {
    return DenseNetwork.of(model.network(), TestEngine.shapes(model), weights);
  }

  private static Map<String, HostTensor> engine(
      ModelSpec model, Map<String, HostTensor> weights, HostTensor x, List<String> wanted) {
    Engine engine = TestEngine.get();
    try (LoadedNetwork network = engine.load(model.network(), TestEngine.shapes(model), weights)) {
      return engine.threads().call(1, () -> network.forward(Map.of("x", x), wanted, () -> false));
    }
  }

  /** A chain of some dense layers, one of them with this activation. */
  private ModelSpec chain(Function function) {
    boolean image = random.nextInt(3) == 0;
    List<String> layers = new ArrayList<>();
    if (image) {
      layers.add("{'type':'flatten'}");
    }
    for (int i = 0; i <= random.nextInt(4); i++) {
      String activation = i == 0 ? function.word() : random.nextBoolean() ? "relu" : "tanh";
      layers.add(
          "{'type':'dense','units':%d,'activation':'%s','bias':%s}"
              .formatted(1 + random.nextInt(40), activation, random.nextInt(4) > 0));
      if (random.nextInt(3) == 0) {
        layers.add("{'type':'dropout','rate':0.3}");
      }
      if (random.nextInt(3) == 0) {
        layers.add("{'type':'activation','function':'sigmoid'}");
      }
    }
    String shape =
        image
            ? "[%d, %d]".formatted(1 + random.nextInt(6), 1 + random.nextInt(6))
            : "[%d]".formatted(1 + random.nextInt(50));
    return model(shape, String.join(",", layers));
  }

  private static ModelSpec model(String shape, String layers) {
    return TestEngine.model(
        "{'name':'m','network':{'inputs':{'x':{'shape':%s}},'layers':[%s]}}"
            .formatted(shape, layers));
  }

  private Map<String, HostTensor> weights(ModelSpec model) {
    Map<String, HostTensor> weights = new HashMap<>();
    for (WeightSpec weight : TestEngine.shapes(model).weights()) {
      weights.put(weight.name(), numbers(weight.shape(), 1 / Math.sqrt(weight.shape().last())));
    }
    return weights;
  }

  private HostTensor numbers(Shape shape, double spread) {
    float[] elements = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) (random.nextGaussian() * spread);
    }
    return HostTensor.ofFloats(shape, elements);
  }
}
