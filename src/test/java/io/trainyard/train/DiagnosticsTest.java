package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The numbers of the layers in an epoch's record. */
class DiagnosticsTest {
  private static final String ALL =
      "'diagnostics':['gradient_norms','weight_norms','update_ratios','dead_units','saturation']";

  private static TestTraining run(String layers, String members, Subset rows) {
    return Trainings.run(
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},'network':"
            + "{'layers':["
            + layers
            + "]}}",
        "{'loss':'mse','shuffle':false," + members + "}",
        rows);
  }

  private static Map<String, Map<String, Double>> first(TestTraining run) {
    Recorder recorder = new Recorder();
    run.finish(recorder);
    return recorder.epochs.getFirst().layers();
  }

  @Test
  void normsAreThoseOfPyTorch() {
    JsonNode golden = Golden.read("learning_rates.json");
    HostTensor x = Golden.tensor(golden.get("x"));
    Subset rows =
        new Subset(x.shape().axis(0), Map.of("x", x), Map.of("y", Golden.tensor(golden.get("y"))));
    Recorder recorder = new Recorder();
    run(
            "{'type':'dense','units':5,'activation':'tanh'},{'type':'dense','units':1}",
            "'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9},'epochs':3,'batch_size':4,"
                + ALL.replace("'dead_units',", ""),
            rows)
        .startingFrom(Golden.tensors(golden.get("weights")))
        .finish(recorder);
    for (int epoch = 0; epoch < 3; epoch++) {
      Map<String, Map<String, Double>> layers = recorder.epochs.get(epoch).layers();
      JsonNode expected = golden.get("epochs").get(epoch);
      assertThat(layers.keySet()).containsExactly("dense_1", "dense_2");
      for (var layer : expected.properties()) {
        Map<String, Double> numbers = Objects.requireNonNull(layers.get(layer.getKey()));
        assertThat(numbers.keySet())
            .containsExactlyInAnyOrderElementsOf(layer.getValue().propertyNames());
        for (var number : layer.getValue().properties()) {
          double value = number.getValue().doubleValue();
          assertThat(Objects.requireNonNull(numbers.get(number.getKey())))
              .as(epoch + " " + layer.getKey() + " " + number.getKey())
              .isCloseTo(value, Offset.offset(2e-4 * value + 1e-9));
        }
      }
    }
  }

  /** y = w·x with w = 2, on x = 1 and t = 0: g = 4, clipped to 2; a step of 0.25 gives w = 1.5. */
  @Test
  void oneWeightByHand() {
    Subset row =
        new Subset(
            1,
            Map.of("x", HostTensor.ofFloats(Shape.of(1, 1), 1)),
            Map.of("y", HostTensor.ofFloats(Shape.of(1, 1), 0)));
    Map<String, HostTensor> two = Map.of("dense_1.weight", HostTensor.ofFloats(Shape.of(1, 1), 2));
    Map<String, Map<String, Double>> layers =
        first(
            run(
                    "{'type':'dense','units':1,'bias':false}",
                    "'optimizer':{'type':'sgd','learning_rate':0.25},'epochs':1,'gradient_clipping':{'norm':2},"
                        + "'diagnostics':['gradient_norms','weight_norms','update_ratios']",
                    row)
                .startingFrom(two));
    Map<String, Double> numbers = Objects.requireNonNull(layers.get("dense_1"));
    assertThat(numbers.get("gradient_norm")).isEqualTo(4.0);
    // The clipping divides by the norm + 1e-6.
    assertThat(numbers.get("weight_norm")).isCloseTo(1.5, Offset.offset(1e-6));
    assertThat(numbers.get("update_ratio")).isCloseTo(0.25, Offset.offset(1e-6));
  }

  /** Of the four units one is positive for the first row only, one for none, two for all. */
  @ParameterizedTest
  @CsvSource({"1", "32"})
  void deadUnitsAreZeroForEveryRow(int batch) {
    Subset rows =
        new Subset(
            2,
            Map.of("x", HostTensor.ofFloats(Shape.of(2, 1), 1, -1)),
            Map.of("y", HostTensor.ofFloats(Shape.of(2, 4), new float[8])));
    Map<String, HostTensor> weights =
        Map.of(
            "dense_1.weight", HostTensor.ofFloats(Shape.of(4, 1), 1, 0, 0, 0),
            "dense_1.bias", HostTensor.ofFloats(Shape.of(4), 0, -1, 1, 2));
    assertThat(
            first(
                run(
                        "{'type':'dense','units':4,'activation':'relu'}",
                        "'optimizer':{'type':'sgd','learning_rate':1e-9},'epochs':1,'batch_size':"
                            + batch
                            + ",'diagnostics':['dead_units']",
                        rows)
                    .startingFrom(weights)))
        .isEqualTo(Map.of("dense_1", Map.of("dead_units", 0.25)));
  }

  /** A channel that is 0 everywhere is dead, whichever axis the channels have. */
  @ParameterizedTest
  @CsvSource({"channels_last,'4,4,1','4,4,3'", "channels_first,'1,4,4','3,4,4'"})
  void aUnitOfAConvolutionIsAChannel(String format, String in, String out) {
    Shape input = shape(in).batched(2);
    Shape output = shape(out).batched(2);
    float[] ones = new float[32];
    java.util.Arrays.fill(ones, 1);
    Subset rows =
        new Subset(
            2,
            Map.of("x", HostTensor.ofFloats(input, ones)),
            Map.of("y", HostTensor.ofFloats(output, new float[96])));
    Map<String, HostTensor> weights =
        Map.of(
            "conv2d_1.weight", HostTensor.ofFloats(Shape.of(3, 1, 1, 1), 1, -1, 2),
            "conv2d_1.bias", HostTensor.ofFloats(Shape.of(3), 0, 0, 0));
    assertThat(
            first(
                run(
                        "{'type':'conv2d','filters':3,'kernel_size':1,'activation':'relu','data_format':'%s'}"
                            .formatted(format),
                        "'optimizer':{'type':'sgd','learning_rate':1e-9},'epochs':1,'diagnostics':['dead_units']",
                        rows)
                    .startingFrom(weights)))
        .isEqualTo(Map.of("conv2d_1", Map.of("dead_units", 1.0 / 3)));
  }

  private static Shape shape(String axes) {
    return Shape.of(java.util.Arrays.stream(axes.split(",")).mapToInt(Integer::parseInt).toArray());
  }

  @Test
  void diagnosticsChangeNoBit() {
    String layers =
        "{'type':'dense','units':5,'activation':'relu'},{'type':'dropout','rate':0.3},"
            + "{'type':'batch_norm'},{'type':'dense','units':1,'activation':'sigmoid'}";
    for (String options :
        List.of("'epochs':4", "'epochs':4,'ema':{'decay':0.5}", "'epochs':4,'optimizer':'lbfgs'")) {
      TestTraining plain = run(layers, options, Trainings.xor());
      TestTraining observed = run(layers, options + "," + ALL, Trainings.xor());
      Trainings.assertSameBits(observed.finish().weights(), plain.finish().weights());
    }
  }

  @Test
  void lookingAtTheNetworkChangesNoBit() {
    String layers =
        "{'type':'dense','units':5,'activation':'relu'},{'type':'dropout','rate':0.3},"
            + "{'type':'batch_norm'},{'type':'dense','units':1,'activation':'sigmoid'}";
    for (String options :
        List.of(
            "'epochs':3",
            "'epochs':3,'precision':'float64'",
            "'epochs':3,'precision':'bfloat16'",
            "'epochs':3,'ema':{'decay':0.5}",
            "'epochs':3,'optimizer':'lbfgs'")) {
      Looker looker = new Looker();
      TrainingOutcome.Finished looked = run(layers, options, Trainings.xor()).finish(looker);
      Trainings.assertSameBits(
          looked.weights(), run(layers, options, Trainings.xor()).finish().weights());
      assertThat(looker.seen).containsExactly("1", "2", "3", "3 last");
    }
  }

  /** Asks the network for what it has learned. */
  private static final class Looker extends Recorder {
    final List<String> seen = new ArrayList<>();

    @Override
    public void look(int epoch, boolean last, LearningNetwork network) {
      seen.add(epoch + (last ? " last" : ""));
      Map<String, HostTensor> values =
          network.outputs(Trainings.xor().inputs(), List.of("dense_1", "dense_2"));
      assertThat(Objects.requireNonNull(values.get("dense_1")).shape()).isEqualTo(Shape.of(4, 5));
      for (int i = 0; i < 4; i++) {
        assertThat(Objects.requireNonNull(values.get("dense_2")).doubleAt(i)).isBetween(0.0, 1.0);
      }
      assertThat(network.weights()).containsKey("dense_2.weight");
    }
  }

  @Test
  void aFrozenLayerHasNoNorms() {
    Map<String, Map<String, Double>> layers =
        first(
            run(
                "{'type':'dense','units':2,'trainable':false},{'type':'dense','units':1}",
                "'epochs':1,'diagnostics':['weight_norms']",
                Trainings.xor()));
    assertThat(layers.keySet()).containsExactly("dense_2");
  }
}
