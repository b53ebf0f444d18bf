package io.trainyard.onnx.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attributes with which ONNX Runtime would read foreign memory, divide by zero or have no end. */
class OperatorRulesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  private static List<String> faults(OnnxDraft draft) {
    return OnnxFile.read(ByteBuffer.wrap(draft.toBytes())).faults();
  }

  private static OnnxDraft draft(long... rowAxes) {
    long[] axes = new long[rowAxes.length + 1];
    axes[0] = -1;
    System.arraycopy(rowAxes, 0, axes, 1, rowAxes.length);
    return new OnnxDraft(17).input("x", 1, axes).output("y", 1, -1, 1);
  }

  /** Two branches and three leaves: 0 → (1, 2), 2 → (3, 4). */
  private static OnnxDraft tree(UnaryOperator<Object[]> change) {
    Object[] attributes = {
      "nodes_treeids", new long[] {0, 0, 0, 0, 0},
      "nodes_nodeids", new long[] {0, 1, 2, 3, 4},
      "nodes_featureids", new long[] {0, 0, 1, 0, 0},
      "nodes_modes", List.of("BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"),
      "nodes_values", new float[] {0, 0, 1, 0, 0},
      "nodes_truenodeids", new long[] {1, 0, 3, 0, 0},
      "nodes_falsenodeids", new long[] {2, 0, 4, 0, 0},
      "target_treeids", new long[] {0, 0, 0},
      "target_nodeids", new long[] {1, 3, 4},
      "target_ids", new long[] {0, 0, 0},
      "target_weights", new float[] {1, 2, 3},
      "n_targets", 1
    };
    return draft(4).node("ai.onnx.ml.TreeEnsembleRegressor", X, Y, change.apply(attributes));
  }

  private static OnnxDraft tree(String attribute, Object value) {
    return tree(
        attributes -> {
          attributes[Arrays.asList(attributes).indexOf(attribute) + 1] = value;
          return attributes;
        });
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(tree("nodes_featureids", new long[] {-16, 0, 1, 0, 0}), "featureids -16"),
        Arguments.of(tree("nodes_featureids", new long[] {4, 0, 1, 0, 0}), "4 columns"),
        Arguments.of(tree("nodes_truenodeids", new long[] {9, 0, 3, 0, 0}), "child is no node"),
        Arguments.of(tree("nodes_truenodeids", new long[] {1, 0, 0, 0, 0}), "lead back"),
        Arguments.of(tree("nodes_nodeids", new long[] {0, 1, 2, 3, 3}), "two nodes of one id"),
        Arguments.of(tree("nodes_values", new float[] {0}), "1 entries in nodes_values"),
        Arguments.of(tree("target_ids", new long[] {0, 0, 1}), "target_ids 1 of 1"),
        Arguments.of(tree("target_ids", new long[] {0, 0, -1}), "target_ids -1"),
        Arguments.of(tree("target_nodeids", new long[] {1, 3, 7}), "leaf 7"),
        Arguments.of(tree("target_weights", new float[] {1}), "different lengths"),
        Arguments.of(tree("n_targets", 0), "n_targets 0"),
        Arguments.of(
            draft(1, 4, 4)
                .node("MaxPool", X, Y, "kernel_shape", new long[] {2, 2}, "strides", zeros(2)),
            "strides 0"),
        Arguments.of(
            draft(1, 4, 4).node("AveragePool", X, Y, "kernel_shape", new long[] {0, 2}),
            "kernel_shape 0"),
        Arguments.of(
            draft(1, 4, 4)
                .node("MaxPool", X, Y, "kernel_shape", new long[] {2, 2}, "pads", ones(3)),
            "3 numbers in pads"),
        Arguments.of(
            draft(1, 4, 4)
                .node("MaxPool", X, Y, "kernel_shape", new long[] {2, 2}, "dilations", zeros(2)),
            "dilations 0"),
        Arguments.of(conv("group", 0), "group 0"),
        Arguments.of(conv("group", 3), "does not divide the 2 channels"),
        Arguments.of(conv("strides", new long[] {1}), "1 numbers in strides"),
        Arguments.of(conv("pads", new long[] {-1, 0, 0, 0}), "pads -1"),
        Arguments.of(draft(4, 4, 4).node("DepthToSpace", X, Y, "blocksize", 0), "blocksize 0"),
        Arguments.of(draft(4).node("Transpose", X, Y, "perm", new long[] {0, 2}), "no order"),
        Arguments.of(
            draft(4).node("Transpose", X, Y, "perm", ones(100_000)), "100000 numbers in perm"),
        Arguments.of(
            draft(4).node("Unsqueeze", X, Y, "axes", ones(100_000)), "100000 numbers in axes"),
        Arguments.of(draft(4).node("Concat", List.of(), Y, "axis", 0), "no input 0; it needs 1"),
        Arguments.of(draft(4).node("Add", X, Y), "no input 1; it needs 2"),
        Arguments.of(draft(4).node("Where", List.of("x", "", "x"), Y), "no input 1; it needs 3"),
        Arguments.of(
            draft(4).floats("c", Collections.nCopies(600_000, 1L), 1).node("Neg", X, Y),
            "its constant 'c' has more than 64 axes"),
        Arguments.of(
            draft(4).input("z", 1, ones(65)).node("Neg", X, Y),
            "its value 'z' has more than 64 axes"),
        Arguments.of(draft(4).node("Softmax", X, Y, "axis", 1L << 40), "axis 1099511627776"),
        Arguments.of(divided("Div", 1, 0), "whole number 0 as a divisor"),
        Arguments.of(divided("Mod", -1, 2), "whole number -1 as a divisor"),
        Arguments.of(
            draft(4)
                .node("Constant", List.of(), List.of("zero"), "value_int", 0)
                .node("Div", List.of("x", "zero"), Y),
            "whole number 0 as a divisor"),
        Arguments.of(
            draft(8)
                .wholes("step", List.of(), 0)
                .wholes("length", List.of(), 4)
                .node("STFT", List.of("x", "step", "", "length"), Y),
            "frame step of 0"),
        Arguments.of(
            draft(4)
                .wholes("i", List.of(1L), -100)
                .node("ai.onnx.ml.ArrayFeatureExtractor", List.of("x", "i"), Y),
            "index -100"),
        Arguments.of(
            draft(4)
                .node(
                    "ai.onnx.ml.LinearRegressor",
                    X,
                    Y,
                    "coefficients",
                    new float[] {1},
                    "targets",
                    9),
            "1 coefficients for 9 outputs"),
        Arguments.of(
            draft(4).node("ai.onnx.ml.Scaler", X, Y, "offset", new float[2], "scale", new float[4]),
            "2 numbers in offset"),
        Arguments.of(
            draft(4)
                .node(
                    "ai.onnx.ml.SVMClassifier",
                    X,
                    Y,
                    "classlabels_ints",
                    new long[] {0, 1},
                    "vectors_per_class",
                    new long[] {100, 100},
                    "support_vectors",
                    new float[800],
                    "coefficients",
                    new float[1],
                    "rho",
                    new float[1]),
            "2 classes with 200 vectors need 200"),
        Arguments.of(
            draft(4)
                .node(
                    "ai.onnx.ml.SVMRegressor",
                    X,
                    Y,
                    "n_supports",
                    1000,
                    "support_vectors",
                    new float[4],
                    "coefficients",
                    new float[1],
                    "rho",
                    new float[1]),
            "4 numbers in support_vectors for 1000 vectors"),
        Arguments.of(
            draft(4)
                .node(
                    "TfIdfVectorizer",
                    X,
                    Y,
                    "ngram_indexes",
                    new long[] {-1},
                    "ngram_counts",
                    new long[] {0},
                    "pool_int64s",
                    new long[] {1}),
            "ngram_indexes -1"));
  }

  private static long[] zeros(int count) {
    return new long[count];
  }

  private static long[] ones(int count) {
    long[] all = new long[count];
    Arrays.fill(all, 1);
    return all;
  }

  private static OnnxDraft conv(String attribute, Object value) {
    return draft(1, 4, 4)
        .floats("w", List.of(2L, 1L, 2L, 2L), new float[8])
        .node("Conv", List.of("x", "w"), Y, attribute, value);
  }

  private static OnnxDraft divided(String operator, long... divisors) {
    return draft(2)
        .wholes("d", List.of((long) divisors.length), divisors)
        .node(operator, List.of("x", "d"), Y);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void operatorIsRefused(OnnxDraft draft, String fault) {
    assertThat(faults(draft)).anyMatch(found -> found.contains(fault));
  }

  /** Hostile names, attributes and lengths of lists. */
  @Test
  void faultsAreShort() {
    String name = "n".repeat(10_000);
    for (long seed = 0; seed < 300; seed++) {
      byte[] file = new RandomOnnxFile(seed).draw();
      assertThat(OnnxFile.read(ByteBuffer.wrap(file)).faults())
          .allSatisfy(fault -> assertThat(fault).hasSizeLessThanOrEqualTo(500));
    }
    assertThat(refused().map(each -> faults((OnnxDraft) each.get()[0])))
        .allSatisfy(
            all -> assertThat(all).allMatch(fault -> fault.length() <= 500).hasSizeLessThan(30));
    OnnxDraft named =
        draft(4).floats(name, Collections.nCopies(65, 1L), 1).node(name, List.of(), List.of(name));
    assertThat(faults(named)).hasSize(2).allMatch(fault -> fault.length() <= 500);
  }

  @Test
  void deepTreeWouldOverflowTheStack() {
    int branches = 50_000;
    int nodes = 2 * branches + 1;
    long[] ids = new long[nodes];
    long[] yes = new long[nodes];
    long[] no = new long[nodes];
    String[] modes = new String[nodes];
    for (int i = 0; i < nodes; i++) {
      ids[i] = i;
      boolean leaf = i % 2 == 1 || i == nodes - 1;
      modes[i] = leaf ? "LEAF" : "BRANCH_LEQ";
      yes[i] = leaf ? 0 : i + 1;
      no[i] = leaf ? 0 : i + 2;
    }
    OnnxDraft deep =
        tree(
            attributes -> {
              Object[] values = {
                zeros(nodes), ids, zeros(nodes), List.of(modes), new float[nodes], yes, no
              };
              for (int i = 0; i < values.length; i++) {
                attributes[2 * i + 1] = values[i];
              }
              return attributes;
            });
    assertThat(faults(deep)).singleElement().asString().contains("depth 50000");
  }

  @Test
  void whatToolsWriteIsAdmitted() throws IOException {
    assertThat(faults(tree(attributes -> attributes))).isEmpty();
    // Nodes may share a child, and stand in any order.
    assertThat(faults(tree("nodes_truenodeids", new long[] {3, 0, 3, 0, 0}))).isEmpty();
    assertThat(faults(conv("group", 2))).isEmpty();
    assertThat(faults(divided("Div", 2, 3))).isEmpty();
    for (String name : List.of("iris", "tree", "cnn", "mlp", "keras", "attention", "siamese")) {
      byte[] bytes = Files.readAllBytes(GOLDEN.resolve(name + ".onnx"));
      assertThat(OnnxFile.read(ByteBuffer.wrap(bytes)).faults()).as(name).isEmpty();
    }
  }
}
