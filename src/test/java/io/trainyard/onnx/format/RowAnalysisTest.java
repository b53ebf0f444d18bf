package io.trainyard.onnx.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.onnx.OnnxImport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
