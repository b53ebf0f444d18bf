package io.trainyard.onnx.host;

import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.onnx.format.OnnxDraft;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.layer.LayerCost;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tools.jackson.databind.node.JsonNodeFactory;

/** Files for hosts, which read x [n, 2] of whole numbers and give y [n, 2]. */
final class HostFiles {
  private static final String SPEC =
      """
      {"name": "m", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
        {"type": "onnx", "name": "y", "indices": ["x"], "truths": [], "shape": [2],
         "probabilities": false, "multiply_adds": 2, "element": "float32", "together": "any"}]}}
      """;

  private static final int WHOLE = 7;
  private static final AtomicInteger LAST = new AtomicInteger();

  private final Path folder;

  HostFiles(Path folder) {
    this.folder = folder;
  }

  static HostSite site(Path folder) {
    return site(folder, () -> 0);
  }

  static HostSite site(Path folder, LongSupplier oomKills) {
    return new HostSite(
        "io.trainyard.TrainyardApplication",
        folder.resolve("s"),
        folder.resolve("crashes"),
        Path.of("target"),
        256L << 20,
        3,
        oomKills);
  }

  /** A checker whose callers wait for 20 s, and whose process follows within half a second. */
  static Checker checker(Path folder, Clock clock, Consumer<String> onDeath) {
    return checker(folder, clock, Duration.ofSeconds(20), Duration.ofMillis(500), onDeath);
  }

  static Checker checker(
      Path folder, Clock clock, Duration wait, Duration patience, Consumer<String> onDeath) {
    return new Checker(
        site(folder),
        new Checker.Purpose("networks", HostSite.HEAP, 0, Map.of()),
        new CrashingCallers(clock),
        wait,
        patience,
        onDeath);
  }

  /** y = 10 // (x + {@code plus}): a row with −{@code plus} ends the process. */
  OnnxDraft divides(long plus) {
    return new OnnxDraft(17)
        .input("x", WHOLE, -1, 2)
        .output("y", WHOLE, -1, 2)
        .wholes("plus", List.of(), plus)
        .wholes("ten", List.of(), 10)
        .node("Add", List.of("x", "plus"), List.of("s"))
        .node("Div", List.of("ten", "s"), List.of("y"));
  }

  /** As many trees, each of a branch and two leaves: the first target counts those with x ≥ 0. */
  OnnxDraft forest(int trees) {
    int nodes = 3 * trees;
    List<String> modes = new ArrayList<>(nodes);
    long[] ids = new long[nodes];
    long[] treeIds = new long[nodes];
    long[] lower = new long[nodes];
    long[] upper = new long[nodes];
    float[] splits = new float[nodes];
    float[] weights = new float[2 * trees];
    long[] leaves = new long[2 * trees];
    long[] leafTrees = new long[2 * trees];
    for (int tree = 0; tree < trees; tree++) {
      for (int node = 0; node < 3; node++) {
        modes.add(node == 0 ? "BRANCH_LT" : "LEAF");
        ids[3 * tree + node] = node;
        treeIds[3 * tree + node] = tree;
      }
      lower[3 * tree] = 1;
      upper[3 * tree] = 2;
      leaves[2 * tree] = 1;
      leaves[2 * tree + 1] = 2;
      weights[2 * tree + 1] = 1;
      leafTrees[2 * tree] = tree;
      leafTrees[2 * tree + 1] = tree;
    }
    return new OnnxDraft(17)
        .input("x", WHOLE, -1, 2)
        .output("y", 1, -1, 2)
        .node("Cast", List.of("x"), List.of("numbers"), "to", 1)
        .node(
            "ai.onnx.ml.TreeEnsembleRegressor",
            List.of("numbers"),
            List.of("y"),
            "nodes_treeids",
            treeIds,
            "nodes_nodeids",
            ids,
            "nodes_featureids",
            new long[nodes],
            "nodes_modes",
            modes,
            "nodes_values",
            splits,
            "nodes_truenodeids",
            lower,
            "nodes_falsenodeids",
            upper,
            "target_treeids",
            leafTrees,
            "target_nodeids",
            leaves,
            "target_ids",
            new long[2 * trees],
            "target_weights",
            weights,
            "n_targets",
            2);
  }

  /** Products of matrices of a thousand rows: many operators, each of milliseconds. */
  OnnxDraft takesLong(int operators) {
    OnnxDraft draft =
        new OnnxDraft(17)
            .input("x", WHOLE, -1, 2)
            .output("y", WHOLE, -1, 2)
            .wholes("size", List.of(2L), 1_000, 1_000)
            .node("ConstantOfShape", List.of("size"), List.of("m0"));
    for (int i = 0; i < operators; i++) {
      draft.node("MatMul", List.of("m" + i, "m" + i), List.of("m" + (i + 1)));
    }
    return draft
        .node("ReduceSum", List.of("m" + operators), List.of("r"), "keepdims", 0)
        .node("Cast", List.of("r"), List.of("c"), "to", WHOLE)
        .node("Add", List.of("x", "c"), List.of("y"));
  }

  /** One operator that takes many seconds: a product of matrices of whole numbers. */
  OnnxDraft isStuck() {
    return new OnnxDraft(17)
        .input("x", WHOLE, -1, 2)
        .output("y", WHOLE, -1, 2)
        .wholes("size", List.of(2L), 3_000, 3_000)
        .node("ConstantOfShape", List.of("size"), List.of("zeros"))
        .node("Cast", List.of("zeros"), List.of("m"), "to", WHOLE)
        .node("MatMul", List.of("m", "m"), List.of("p"))
        .node("ReduceSum", List.of("p"), List.of("s"), "keepdims", 0)
        .node("Add", List.of("x", "s"), List.of("y"));
  }

  /** A stored version of a file. */
  Stored store(OnnxDraft draft) throws IOException {
    return stored(Files.write(folder.resolve(LAST.get() + ".onnx"), draft.toBytes()));
  }

  /** A version of a file. */
  Stored stored(Path file) {
    String sha256 = "%064d".formatted(LAST.incrementAndGet());
    ModelVersion version =
        new NewVersion(
                "m" + LAST.get(),
                StrictJson.parse(SPEC),
                null,
                JsonNodeFactory.instance.objectNode(),
                new Provenance.Imported(Map.of()),
                new StoredWeights(sha256, file.toFile().length()),
                List.of())
            .provisional(LAST.get());
    return new Stored(version, file);
  }

  /** A version and its file. */
  record Stored(ModelVersion version, Path file) {
    String sha256() {
      return version.weights().sha256();
    }

    LoadedNetwork load(Hosts hosts) {
      return hosts.load(version, shapes(), file);
    }
  }

  static NetworkShapes shapes() {
    Shape row = Shape.of(2);
    LayerShape layer = new LayerShape(List.of(row), row, List.of(), "", new LayerCost(0, 0, 0, 0));
    return new NetworkShapes(Map.of("x", row), Set.of("x"), Map.of("y", layer));
  }

  /** y for one row. */
  static float[] answer(LoadedNetwork network, long... row) {
    HostTensor x = HostTensor.ofLongs(Shape.of(row.length / 2, 2), row);
    HostTensor y = network.forward(Map.of("x", x), List.of("y"), () -> false).get("y");
    if (y == null) {
      throw new AssertionError("no y");
    }
    return y.toFloats();
  }

  /** Whether a row is refused because the host has ended. */
  static boolean isLost(LoadedNetwork network, long... row) {
    try {
      var _ = answer(network, row);
      return false;
    } catch (ServiceException e) {
      if (e.getCause() instanceof LostHost) {
        return true;
      }
      throw e;
    }
  }
}
