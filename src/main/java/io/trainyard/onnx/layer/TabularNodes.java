package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.TabularSpec;
import java.util.List;

/** Layers for tables. */
final class TabularNodes {
  private static final List<Integer> SWAP = List.of(1, 0, 2);

  private TabularNodes() {}

  static String of(TabularSpec spec, String x, LayerWriter to) {
    return switch (spec) {
      case TabularSpec.FeatureScale _ -> to.multiply(x, to.weight("weight"));
      case TabularSpec.AverageMembers _ -> to.reduce("ReduceMean", x, List.of(1), false);
      case TabularSpec.PeriodicEmbedding periodic -> periodic(periodic, x, to);
      case TabularSpec.EnsembleDense dense -> dense.shared() ? shared(x, to) : apart(dense, x, to);
    };
  }

  private static String periodic(TabularSpec.PeriodicEmbedding spec, String x, LayerWriter to) {
    int features = to.input().last();
    float[] angular = to.elements("frequency");
    for (int i = 0; i < angular.length; i++) {
      angular[i] = (float) (2 * Math.PI * angular[i]);
    }
    String column = to.reshape(x, List.of(features, 1));
    String angles =
        to.add(
            to.multiply(column, to.computed("angular", angular, features, spec.frequencies())),
            to.weight("phase"));
    String waves = to.transpose(to.node("Cos", List.of(angles)), SWAP);
    String embedded =
        to.add(
            to.node("MatMul", List.of(waves, matrices(features, spec.dim() - 1, to))),
            to.computed("rows", to.elements("bias"), features, 1, spec.dim() - 1));
    String both =
        to.node("Concat", List.of(to.transpose(embedded, SWAP), column), Attribute.of("axis", 2L));
    return to.reshape(both, List.of(features * spec.dim()));
  }

  /** The weight of rank 3 with its last two axes swapped. */
  private static String matrices(int count, int rows, LayerWriter to) {
    float[] weight = to.elements("weight");
    int columns = weight.length / count / rows;
    float[] all = new float[weight.length];
    for (int i = 0; i < count; i++) {
      float[] one = CoreNodes.transposed(weight, i * rows, rows, columns);
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return to.computed("weight.T", all, count, columns, rows);
  }

  private static String shared(String x, LayerWriter to) {
    int out = to.shapeOf("weight").axis(0);
    int in = to.shapeOf("weight").axis(1);
    String weight =
        to.computed("weight.T", CoreNodes.transposed(to.elements("weight"), 0, out, in), in, out);
    String scaled = to.multiply(rows(x, to), to.weight("r"));
    String product = to.node("MatMul", List.of(scaled, weight));
    return to.add(to.multiply(product, to.weight("s")), to.weight("bias"));
  }

  private static String apart(TabularSpec.EnsembleDense spec, String x, LayerWriter to) {
    String product =
        to.node(
            "MatMul",
            List.of(to.transpose(rows(x, to), SWAP), matrices(spec.members(), spec.units(), to)));
    String biased =
        to.add(product, to.computed("rows", to.elements("bias"), spec.members(), 1, spec.units()));
    return to.transpose(biased, SWAP);
  }

  /** A row for each member, or one for all of them, which is broadcast. */
  private static String rows(String x, LayerWriter to) {
    return to.input().rank() == 2 ? x : to.reshape(x, List.of(1, to.input().last()));
  }
}
