package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a tensor column has its channels. The expected orders are those of numpy.moveaxis. */
class TensorLayoutTest {
  private static final String FIRST = "[[[0,1],[2,3]],[[4,5],[6,7]],[[8,9],[10,11]]]";
  private static final String LAST = "[[[0,1,2],[3,4,5]],[[6,7,8],[9,10,11]]]";

  private final TestPreparation preparation = new TestPreparation();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        FIRST + "|[2,2,3]|channels_first|0 4 8 1 5 9 2 6 10 3 7 11",
        LAST + "|[3,2,2]|channels_last|0 3 6 9 1 4 7 10 2 5 8 11",
        "[0,1,2,3,4,5,6,7,8,9,10,11]|[2,2,3]|channels_first|0 4 8 1 5 9 2 6 10 3 7 11",
        // The column has its channels where the shape has them.
        FIRST + "|[3,2,2]|channels_first|0 1 2 3 4 5 6 7 8 9 10 11",
        LAST + "|[2,2,3]|channels_last|0 1 2 3 4 5 6 7 8 9 10 11",
        // One channel has no place to move from.
        "[[1,2],[3,4]]|[2,2,1]|channels_first|1 2 3 4",
      })
  void channelsMoveToWhereTheShapeHasThem(
      String tensor, String shape, String layout, String expected) {
    preparation.datasets.json("t", "[{\"image\":%s,\"y\":1}]".formatted(tensor));
    String input =
        "{\"x\":{\"column\":\"image\",\"shape\":%s,\"layout\":\"%s\"}}".formatted(shape, layout);
    try (PreparedData data =
        preparation.prepare(model(input, "{\"y\":{\"column\":\"y\"}}"), "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "x")).containsExactly(floats(expected));
      // A prediction encodes as training did, also from the stored form.
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      HostTensor instance =
          stored
              .encode(json("[{\"image\":%s}]".formatted(tensor)), "/instances", 0)
              .getOrDefault("x", HostTensor.ofFloats(Shape.of(0)));
      assertThat(instance.toFloats()).containsExactly(floats(expected));
    }
  }

  private static float[] floats(String numbers) {
    String[] each = numbers.split(" ", -1);
    float[] floats = new float[each.length];
    for (int i = 0; i < each.length; i++) {
      floats[i] = Float.parseFloat(each[i]);
    }
    return floats;
  }

  @Test
  void reconstructionHasTheColumnsLayout() {
    preparation.datasets.json("t", "[{\"image\":%s}]".formatted(FIRST));
    ModelSpec autoencoder =
        model(
            """
            {"name": "m", "inputs": {"x": {"column": "image", "shape": [2, 2, 3], "layout": "channels_first"}},
             "targets": {"x": {"input": "x"}},
             "network": {"layers": [{"type": "dense", "units": 3, "name": "out"}]}}\
            """);
    try (PreparedData data = preparation.prepare(autoencoder, "{\"name\":\"t\"}")) {
      HostTensor perfect = HostTensor.ofFloats(Shape.of(1, 2, 2, 3), input(data.training(), "x"));
      assertThat(Predictions.of(data.encoding(), Map.of("out", perfect), 1).at("/0/x/image"))
          .hasToString(FIRST.replaceAll("(\\d+)", "$1.0"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        FIRST + "|[2,2,3]|add \"layout\": \"channels_first\"",
        LAST + "|[3,2,2]|add \"layout\": \"channels_last\"",
        FIRST + "|[2,6]|a 'permute' or 'reshape' layer",
      })
  void aShapeThatWouldScrambleElementsIsRefused(String tensor, String shape, String detail) {
    preparation.datasets.json("t", "[{\"image\":%s,\"y\":1}]".formatted(tensor));
    preparation.assertViolation(
        model(
            "{\"x\":{\"column\":\"image\",\"shape\":%s}}".formatted(shape),
            "{\"y\":{\"column\":\"y\"}}"),
        "/model/inputs/x/shape",
        detail);
  }

  @Test
  void aLayoutThatDoesNotFitTheColumnIsRefused() {
    preparation.datasets.json("t", "[{\"image\":%s,\"a\":1,\"y\":1}]".formatted(LAST));
    preparation.assertViolation(
        model(
            "{\"x\":{\"column\":\"image\",\"shape\":[3,2,2],\"layout\":\"channels_first\"}}",
            "{\"y\":{\"column\":\"y\"}}"),
        "/model/inputs/x/shape",
        "is made from rows of [2, 3, 2], the column has rows of [2, 2, 3]");
    preparation.assertViolation(
        model(
            "{\"x\":{\"columns\":[\"a\",\"y\"],\"shape\":[2,1],\"layout\":\"channels_first\"}}",
            "{\"y\":{\"column\":\"y\"}}"),
        "/model/inputs/x/layout",
        "one column of tensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"layout\":\"channels_first\"|'shape' is required",
        "\"layout\":\"channels_first\",\"shape\":[3]|two axes or more",
        "\"layout\":\"channels_first\",\"shape\":[3,2],\"window\":3|a 'permute' layer moves axes",
        "\"layout\":\"first\",\"shape\":[3,2]|One of channels_last, channels_first",
      })
  void aLayoutAloneIsRefused(String members, String detail) {
    Violations violations = new Violations();
    SpecReader.model(
        json(
            """
            {"name": "m", "inputs": {"x": {"column": "image", %s}}, "targets": {"y": {"column": "y"}},
             "network": {"layers": [{"type": "dense", "units": 1}]}}\
            """
                .formatted(members)),
        "/model",
        violations);
    assertThat(violations.list())
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/model/inputs/x/layout");
              assertThat(violation.detail()).contains(detail);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,3,4|6,4",
        "2,3,4|24",
        "24|2,3,4",
        "2,3,4|1,2,3,4,1",
        "2,3,4|6,2,2",
        "28,28|28,28,1",
      })
  void axesMaySplitAndJoinWithNeighbours(String own, String asked) {
    assertThat(fits(own, asked)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2,3,4|4,3,2", "3,8,8|8,8,3", "3,8,8|64,3", "4,6|2,12", "28,30|30,28"})
  void otherShapesScramble(String own, String asked) {
    assertThat(fits(own, asked)).isFalse();
  }

  private static boolean fits(String own, String asked) {
    Violations violations = new Violations();
    ColumnEncoding column =
        new ColumnEncoding.Numeric(
            "x",
            ColumnType.TENSOR,
            shape(own),
            ColumnEncoding.Traits.PLAIN,
            new Scaling.None(),
            new Imputation.Refuse(),
            null);
    return new RowShape("", violations).of(shape(asked), null, List.of(column), null) != null;
  }

  private static Shape shape(String dims) {
    return new Shape(Stream.of(dims.split(",", -1)).map(Integer::valueOf).toList());
  }
}
