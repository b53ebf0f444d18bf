package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What {@code name:pre} gives, by hand. */
class PreActivationTest {
  @Test
  void denseAndActivationLayersGiveTheValueBeforeTheirFunction() {
    Map<String, float[]> values =
        forward(
            "[2]",
            "{'type':'dense','name':'h','units':2,'activation':'relu'},"
                + "{'type':'activation','name':'a','function':'satlin'},"
                + "{'type':'dense','name':'s','units':2,'activation':'softmax'}",
            Map.of(
                "h.weight", HostTensor.ofFloats(Shape.of(2, 2), 1, 2, -1, 0),
                "h.bias", HostTensor.ofFloats(Shape.of(2), 0.5f, 0),
                "s.weight", HostTensor.ofFloats(Shape.of(2, 2), 3, 1, 3, 1),
                "s.bias", HostTensor.ofFloats(Shape.of(2), 1, 1)),
            HostTensor.ofFloats(Shape.of(1, 2), 1, 1),
            "h",
            "a",
            "s");

    assertThat(values.get("h:pre")).containsExactly(3.5f, -1);
    assertThat(values.get("h")).containsExactly(3.5f, 0);
    assertThat(values.get("a:pre")).containsExactly(3.5f, 0);
    assertThat(values.get("a")).containsExactly(1, 0);
    assertThat(values.get("s:pre")).containsExactly(4, 4);
    assertThat(values.get("s")).containsExactly(0.5f, 0.5f);
  }

  @Test
  void aPreluIsAnActivation() {
    Map<String, float[]> values =
        forward(
            "[2]",
            "{'type':'dense','name':'d','units':2},{'type':'prelu','name':'p'}",
            Map.of(
                "d.weight", HostTensor.ofFloats(Shape.of(2, 2), 1, 2, -1, 0),
                "d.bias", HostTensor.ofFloats(Shape.of(2), 0.5f, 0),
                "p.weight", HostTensor.ofFloats(Shape.of(1), 0.5f)),
            HostTensor.ofFloats(Shape.of(1, 2), 1, 1),
            "d",
            "p");

    assertThat(values.get("p:pre")).containsExactly(3.5f, -1);
    assertThat(values.get("p")).containsExactly(3.5f, -0.5f);
    // A layer without an activation has one value.
    assertThat(values.get("d:pre")).containsExactly(3.5f, -1);
    assertThat(values.get("d")).containsExactly(3.5f, -1);
  }

  @Test
  void aConvolutionGivesItsSums() {
    Map<String, float[]> values =
        forward(
            "[3, 1]",
            "{'type':'conv1d','name':'c','filters':1,'kernel_size':2,'activation':'relu'}",
            Map.of(
                "c.weight", HostTensor.ofFloats(Shape.of(1, 1, 2), 1, -1),
                "c.bias", HostTensor.ofFloats(Shape.of(1), 0.25f)),
            HostTensor.ofFloats(Shape.of(1, 3, 1), 1, 3, 2),
            "c");

    assertThat(values.get("c:pre")).containsExactly(-1.75f, 1.25f);
    assertThat(values.get("c")).containsExactly(0, 1.25f);
  }

  private static Map<String, float[]> forward(
      String shape, String layers, Map<String, HostTensor> weights, HostTensor x, String... names) {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':%s}},'layers':[%s]}}"
                .formatted(shape, layers));
    Engine engine = TestEngine.get();
    Map<String, float[]> values = new HashMap<>();
    try (LoadedNetwork network = engine.load(model.network(), TestEngine.shapes(model), weights)) {
      for (String name : names) {
        // Alone and together with the value after it.
        List<String> both = List.of(name, name + ":pre");
        Map<String, HostTensor> given =
            engine.threads().call(1, () -> network.forward(Map.of("x", x), both, () -> false));
        given.forEach((key, value) -> values.put(key, value.toFloats()));
        Map<String, HostTensor> alone =
            engine
                .threads()
                .call(1, () -> network.forward(Map.of("x", x), both.subList(1, 2), () -> false));
        assertThat(Objects.requireNonNull(alone.get(both.get(1))).toFloats())
            .isEqualTo(values.get(both.get(1)));
      }
    }
    return values;
  }
}
