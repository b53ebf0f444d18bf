package io.trainyard.onnx.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.onnx.OnnxImport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * {@code src/test/python/onnx_rows.py} draws the files, and says by ONNX Runtime's answers whether
 * they mix rows. {@code -Donnx.rows=FILE} reads others that it wrote.
 */
class RowAnalysisTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");
  private static final Path DRAWN =
      Path.of(System.getProperty("onnx.rows", GOLDEN.resolve("rows.json").toString()));
  private static final int FLOAT = 1;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp",
        "cnn",
        "reader",
        "siamese",
        "attention",
        "iris",
        "tree",
        "keras",
        "single",
        "doubles"
      })
  void filesOfOtherToolsAreShownToKeepRowsApart(String name) {
    assertThat(
            new OnnxImport(1 << 20)
                .read(GOLDEN.resolve(name + ".onnx"), JsonNodeFactory.instance.objectNode())
                .mixing())
        .isNull();
  }

  @Test
  void noFileThatMixesRowsIsTakenForOneThatDoesNot() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> doubted = new ArrayList<>();
    int apart = 0;
    for (JsonNode drawn : new JsonMapper().readTree(Files.readString(DRAWN))) {
      byte[] bytes = Base64.getDecoder().decode(drawn.get("file").stringValue());
      OnnxFile file = OnnxFile.read(ByteBuffer.wrap(bytes));
      String mixing = file.mixesRows(rows(file.inputs()), rows(file.outputs()));
      String operators = drawn.get("operators").stringValue();
      boolean mixes = drawn.get("mixes").booleanValue();
      apart += mixes ? 0 : 1;
      if (mixes && mixing == null) {
        wrong.add(operators);
      } else if (!mixes && mixing != null) {
        doubted.add(mixing + " in " + operators);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(doubted).hasSizeLessThan(apart / 4);
  }

  private static Map<String, long[]> rows(List<OnnxFile.Value> values) {
    OnnxFile.Value only = values.getFirst();
    return Map.of(
        only.name(), only.axes().stream().skip(1).mapToLong(OnnxFile.Axis::length).toArray());
  }

  private static OnnxDraft draft() {
    return new OnnxDraft(17).input("x", FLOAT, -1, 2).output("y", FLOAT, -1, 2);
  }

  private static String doubt(OnnxDraft draft) {
    OnnxFile file = OnnxFile.read(ByteBuffer.wrap(draft.toBytes()));
    return String.valueOf(file.mixesRows(rows(file.inputs()), rows(file.outputs())));
  }

  @Test
  void theOperatorThatMixesRowsIsNamed() {
    assertThat(
            doubt(
                draft()
                    .node("ReduceMean", List.of("x"), List.of("m"), "axes", new long[] {0})
                    .node("Sub", List.of("x", "m"), List.of("y"))))
        .isEqualTo("the operator ReduceMean");
    // Rows of x beside columns of another x.
    assertThat(
            doubt(
                draft()
                    .wholes("one", List.of(1L), -1)
                    .node(
                        "ReduceMax",
                        List.of("x"),
                        List.of("m"),
                        "axes",
                        new long[] {1},
                        "keepdims",
                        0)
                    .node("Add", List.of("x", "m"), List.of("y"))))
        .isEqualTo("the operator Add");
  }

  /** What holds for some rows only is not shown by rows. */
  @Test
  void dependenceAtRareRowsIsSeen() {
    assertThat(
            doubt(
                draft()
                    .floats("far", List.of(), 1e9f)
                    .node("ReduceMax", List.of("x"), List.of("m"), "axes", new long[] {0})
                    .node("Greater", List.of("m", "far"), List.of("rare"))
                    .node("Neg", List.of("x"), List.of("n"))
                    .node("Where", List.of("rare", "n", "x"), List.of("y"))))
        .isEqualTo("the operator ReduceMax");
  }

  /** ONNX Runtime comes to 0 for the axis, so no rule may come to 1. */
  private static OnnxDraft sums(OnnxDraft axis) {
    return axis.node("ReduceSum", List.of("x", "axis"), List.of("sum"))
        .node("Add", List.of("x", "sum"), List.of("y"));
  }

  /** 0, where what is computed is 0 or equal. */
  private static OnnxDraft zeroWhereEqual(OnnxDraft draft, String a, long b) {
    return sums(
        draft
            .wholes("other", List.of(1L), b)
            .wholes("zero", List.of(1L), 0)
            .wholes("one", List.of(1L), 1)
            .node("Equal", List.of(a, "other"), List.of("same"))
            .node("Where", List.of("same", "zero", "one"), List.of("axis")));
  }

  private static byte[] bytes(int... all) {
    byte[] bytes = new byte[all.length];
    for (int i = 0; i < all.length; i++) {
      bytes[i] = (byte) all[i];
    }
    return bytes;
  }

  static Stream<Arguments> numbersThatAreNotKnown() {
    OnnxDraft slice =
        sums(
            draft()
                .wholes("list", List.of(3L), 9, 1, 0)
                .wholes("start", List.of(1L), 0)
                .wholes("end", List.of(1L), 3)
                .wholes("step", List.of(1L), 2)
                .wholes("second", List.of(1L), 1)
                .node("Slice", List.of("list", "start", "end", "", "step"), List.of("part"))
                .node("Gather", List.of("part", "second"), List.of("axis")));
    OnnxDraft cast =
        draft()
            .wholes("big", List.of(1L), 1L << 32)
            .node("Cast", List.of("big"), List.of("half"), "to", 6)
            .node("Cast", List.of("half"), List.of("wide"), "to", 7);
    OnnxDraft square =
        draft()
            .constant("b", 6, List.of(1L), bytes(0, 0, 1, 0))
            .node("Mul", List.of("b", "b"), List.of("m"))
            .node("Cast", List.of("m"), List.of("wide"), "to", 7);
    OnnxDraft added =
        draft()
            .constant("b", 6, List.of(1L), bytes(0, 0, 0, 0x80))
            .node("Add", List.of("b", "b"), List.of("m"))
            .node("Cast", List.of("m"), List.of("wide"), "to", 7);
    OnnxDraft wide =
        draft()
            .wholes("big", List.of(1L), Long.MIN_VALUE)
            .node("Add", List.of("big", "big"), List.of("wide"));
    OnnxDraft rows =
        draft()
            .wholes("minus", List.of(1L), -1)
            .node("Shape", List.of("x"), List.of("all"), "start", 0, "end", 1)
            .node("Mul", List.of("all", "minus"), List.of("negative"));
    OnnxDraft many =
        draft()
            .wholes("big", List.of(1L), 1L << 62)
            .node("Shape", List.of("x"), List.of("all"), "start", 0, "end", 1)
            .node("Mul", List.of("all", "big"), List.of("wide"));
    OnnxDraft bytes =
        draft()
            .constant("u", 2, List.of(1L), bytes(200))
            .node("Add", List.of("u", "u"), List.of("m"))
            .node("Cast", List.of("m"), List.of("wide"), "to", 7);
    return Stream.of(
        Arguments.of("a slice without axes", slice, "ReduceSum"),
        Arguments.of("2^32 in 32 bits", zeroWhereEqual(cast, "wide", 0), "ReduceSum"),
        Arguments.of("65536^2 in 32 bits", zeroWhereEqual(square, "wide", 0), "ReduceSum"),
        Arguments.of("a sum in 32 bits", zeroWhereEqual(added, "wide", 0), "ReduceSum"),
        Arguments.of("a sum in 64 bits", zeroWhereEqual(wide, "wide", 0), "ReduceSum"),
        Arguments.of("a sum in 8 bits", zeroWhereEqual(bytes, "wide", 144), "ReduceSum"),
        Arguments.of("-N == -5", zeroWhereEqual(rows, "negative", -5), "Equal"),
        Arguments.of("N times 2^62 == 0", zeroWhereEqual(many, "wide", 0), "Mul"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("numbersThatAreNotKnown")
  void numberThatOnnxRuntimeComputesOtherwiseIsNotKnown(
      String name, OnnxDraft draft, String operator) {
    assertThat(doubt(draft)).as(name).isEqualTo("the operator " + operator);
  }

  /** A value of two axes, which would be taken for a list. */
  @Test
  void numbersWithTwoAxesAreNoList() {
    assertThat(
            doubt(
                draft()
                    .wholes("five", List.of(), 5)
                    .wholes("axes", List.of(2L), 0, 1)
                    .node("Unsqueeze", List.of("five", "axes"), List.of("list"))
                    .wholes("axis", List.of(1L), 0)
                    .node("Squeeze", List.of("list", "axis"), List.of("shape"))
                    .node("ConstantOfShape", List.of("shape"), List.of("zeros"))
                    .node("Add", List.of("x", "zeros"), List.of("y"))))
        .isNotEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "coordinate_transformation_mode, tf_crop_and_resize",
    "coordinate_transformation_mode, tf_half_pixel_for_nn",
    "keep_aspect_ratio_policy, not_larger",
    "mode, nearest"
  })
  void resizeKeepsRowsApartInPlainModesAlone(String attribute, String value) {
    OnnxDraft draft =
        draft()
            .wholes("two", List.of(1L), 2)
            .floats("roi", List.of(4L), 0.5f, 0, 1, 1)
            .node("Shape", List.of("x"), List.of("n"), "start", 0, "end", 1)
            .node("Concat", List.of("n", "two"), List.of("sizes"), "axis", 0)
            .node("Resize", List.of("x", "roi", "", "sizes"), List.of("y"), attribute, value);
    assertThat(doubt(draft)).isEqualTo(attribute.equals("mode") ? "null" : "the operator Resize");
  }

  @Test
  void hostileFileIsNotFollowedToItsEnd() {
    OnnxDraft draft = draft().floats("c", Collections.nCopies(64, 1L), 1);
    List<String> many = Collections.nCopies(100_000, "c");
    for (int i = 0; i < 4; i++) {
      draft.node("Sum", many, List.of("s" + i));
    }
    assertThat(doubt(draft.node("Identity", List.of("x"), List.of("y"))))
        .isEqualTo("the file is too large to follow");
  }

  @Test
  void operatorsWithoutInputsShowNothing() {
    for (String operator :
        List.of("Concat", "Sum", "Gemm", "Where", "Slice", "Einsum", "LSTM", "Split", "Squeeze")) {
      assertThat(doubt(draft().node(operator, List.of(), List.of("y"), "axis", 0)))
          .as(operator)
          .isNotEqualTo("null");
    }
  }

  @Test
  void attributeThatIsSaidTwiceShowsNothing() {
    assertThat(doubt(draft().node("Softmax", List.of("x"), List.of("y"), "axis", 1, "axis", 0)))
        .isEqualTo("the operator Softmax");
  }

  /** ReduceMean of N rows that lie in blocks: [2, N] as one axis, and back. */
  @Test
  void rowsThatLieInBlocksAreFollowed() {
    OnnxDraft draft =
        draft()
            .wholes("wide", List.of(2L), -1, 1)
            .wholes("back", List.of(2L), 2, -1)
            .node("Transpose", List.of("x"), List.of("t"))
            .node("Reshape", List.of("t", "wide"), List.of("w"))
            .node("Relu", List.of("w"), List.of("r"))
            .node("Reshape", List.of("r", "back"), List.of("b"))
            .node("Transpose", List.of("b"), List.of("y"));
    assertThat(doubt(draft)).isEqualTo("null");
    assertThat(
            doubt(
                draft()
                    .wholes("wrong", List.of(2L), -1, 2)
                    .node("Transpose", List.of("x"), List.of("t"))
                    .node("Reshape", List.of("t", "wrong"), List.of("y"))))
        .isEqualTo("the operator Reshape");
  }
}
