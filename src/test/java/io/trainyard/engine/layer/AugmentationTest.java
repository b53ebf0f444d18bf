package io.trainyard.engine.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The layers for augmentation in training. LayersTest has them at prediction. */
class AugmentationTest {
  /** Images of 3 × 4 pixels with one channel, numbered from 0. */
  private static final int ROWS = 64;

  private static final int PIXELS = 12;

  static Stream<JsonNode> cases() {
    return Golden.read("augmentation.json").get("cases").valueStream();
  }

  /** float32 coordinates of a pixel, and a bilinear sum of four. */
  @ParameterizedTest
  @MethodSource("cases")
  void imagesAreMovedAsByScipy(JsonNode golden) {
    HostTensor x = Golden.tensor(golden.get("x"));
    float[] expected = Golden.tensor(golden.get("y")).toFloats();
    String layer = golden.get("layer").toString();

    assertClose(trained(layer, x, 1, 1), expected);
    try (PointerScope scope = new PointerScope()) {
      Tensor first = TensorConversion.view(x).permute(0, 3, 1, 2).contiguous();
      String other = layer.replace("{", "{\"data_format\":\"channels_first\",");
      Tensor moved = trained(layer(other), first, 1, 1).permute(0, 2, 3, 1);
      assertClose(TensorConversion.toHost(moved).toFloats(), expected);
    }
  }

  @Test
  void aFlipIsExactAndRowsDifferAsIndependentCoins() {
    String[] rows = rows("{'type':'random_flip'}", 1, 1);
    assertThat(new TreeSet<>(Arrays.asList(rows)))
        .containsExactlyInAnyOrder(
            "0 1 2 3 4 5 6 7 8 9 10 11",
            "3 2 1 0 7 6 5 4 11 10 9 8",
            "8 9 10 11 4 5 6 7 0 1 2 3",
            "11 10 9 8 7 6 5 4 3 2 1 0");
    assertThat(new TreeSet<>(Arrays.asList(rows("{'type':'random_flip','mode':'vertical'}", 1, 1))))
        .containsExactlyInAnyOrder("0 1 2 3 4 5 6 7 8 9 10 11", "8 9 10 11 4 5 6 7 0 1 2 3");
  }

  @Test
  void aCropIsExactAndTakesEveryPlace() {
    Set<String> expected = new TreeSet<>();
    for (int top = 0; top < 2; top++) {
      for (int left = 0; left < 3; left++) {
        int first = 4 * top + left;
        expected.add("%d %d %d %d".formatted(first, first + 1, first + 4, first + 5));
      }
    }
    String[] rows = rows("{'type':'random_crop','height':2,'width':2}", 1, 1);
    assertThat(new TreeSet<>(Arrays.asList(rows))).isEqualTo(expected);
  }

  @Test
  void contrastKeepsTheMeanAndClips() {
    float[] changed =
        trained(
            "{'type':'random_contrast','factor':[0.5,0.25]}".replace('\'', '"'), images(), 1, 1);
    Set<Double> factors = new TreeSet<>();
    for (int row = 0; row < ROWS; row++) {
      int from = row * PIXELS;
      double factor = (changed[from] - 5.5) / (0 - 5.5);
      factors.add(factor);
      for (int i = 0; i < PIXELS; i++) {
        assertThat(changed[from + i]).isCloseTo((float) (5.5 + (i - 5.5) * factor), within(1e-4f));
      }
    }
    assertThat(factors)
        .hasSizeGreaterThan(ROWS / 2)
        .allSatisfy(f -> assertThat(f).isBetween(0.5, 1.25));

    float[] clipped =
        trained(
            "{'type':'random_contrast','factor':0.5,'value_range':[2,9]}".replace('\'', '"'),
            images(),
            1,
            1);
    assertThat(clipped).contains(2f, 9f);
    for (float element : clipped) {
      assertThat(element).isBetween(2f, 9f);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'random_flip'}",
        "{'type':'random_rotation','factor':0.2}",
        "{'type':'random_translation','height_factor':0.3,'width_factor':0.3}",
        "{'type':'random_zoom','height_factor':0.4}",
        "{'type':'random_crop','height':2,'width':3}",
        "{'type':'random_contrast','factor':0.9}",
      })
  void everyEpochAndRowHasNumbersOfItsOwnAndTheyAreRepeatable(String layer) {
    String[] rows = rows(layer, 1, 1);

    assertThat(rows(layer, 1, 1)).isEqualTo(rows);
    assertThat(rows(layer, 2, 1)).isNotEqualTo(rows);
    assertThat(rows(layer, 1, 2)).isNotEqualTo(rows);
    assertThat(new TreeSet<>(Arrays.asList(rows))).hasSizeGreaterThan(1);
  }

  /** Each image's pixels in training, as whole numbers if they are. */
  private static String[] rows(String layer, int epoch, int seed) {
    float[] changed = trained(layer.replace('\'', '"'), images(), epoch, seed);
    int pixels = changed.length / ROWS;
    return IntStream.range(0, ROWS)
        .mapToObj(
            row -> {
              StringBuilder text = new StringBuilder();
              for (int i = row * pixels; i < (row + 1) * pixels; i++) {
                boolean whole = changed[i] == Math.rint(changed[i]);
                text.append(whole ? String.valueOf((int) changed[i]) : String.valueOf(changed[i]))
                    .append(' ');
              }
              return text.toString().strip();
            })
        .toArray(String[]::new);
  }

  private static HostTensor images() {
    float[] pixels = new float[ROWS * PIXELS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % PIXELS;
    }
    return HostTensor.ofFloats(Shape.of(ROWS, 3, 4, 1), pixels);
  }

  private static float[] trained(String layer, HostTensor x, int epoch, int seed) {
    try (PointerScope scope = new PointerScope()) {
      Tensor y = trained(layer(layer), TensorConversion.view(x), epoch, seed);
      return TensorConversion.toHost(y).toFloats();
    }
  }

  private static Tensor trained(AugmentationSpec spec, Tensor x, int epoch, int seed) {
    try (RandomSource random = new RandomSource(seed)) {
      random.at(0, epoch, 0);
      return AugmentationModules.of(spec, 64)
          .forward(new Tensor[] {x}, ForwardContext.training(random));
    }
  }

  private static AugmentationSpec layer(String json) {
    Violations violations = new Violations();
    JsonObject layer = JsonObject.of(Specs.json(json), "", violations);
    var spec = LayerTypes.read(layer, DataFormat.CHANNELS_LAST);
    violations.throwIfAny();
    return (AugmentationSpec) Objects.requireNonNull(spec);
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element " + i).isCloseTo(expected[i], within(5e-5f));
    }
  }
}
