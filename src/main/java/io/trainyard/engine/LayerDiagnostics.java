package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.Diagnostic;
import io.trainyard.tensor.DataFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What an epoch tells of each layer: the norms of its steps, and what its outputs are, as computed
 * at prediction for at most {@link #ROWS} rows. A unit is a channel of a convolution, else an index
 * of the last axis.
 */
final class LayerDiagnostics {
  private static final int ROWS = 2_048;

  /**
   * An output this share of the range from a bound has almost no gradient: tanh's is below 0.06.
   */
  private static final double MARGIN = 0.015;

  private final Graph graph;
  private final List<Layer> rectified;
  private final List<Layer> bounded;
  private final ForwardPlan plan;

  LayerDiagnostics(TrainingPlan plan, Graph graph) {
    this.graph = graph;
    Set<Diagnostic> wanted = plan.training().diagnostics();
    List<Layer> layers = plan.network().layers();
    rectified =
        wanted.contains(Diagnostic.DEAD_UNITS)
            ? layers.stream().filter(each -> each.spec().activation().isRectified()).toList()
            : List.of();
    bounded =
        wanted.contains(Diagnostic.SATURATION)
            ? layers.stream().filter(each -> each.spec().activation().saturates()).toList()
            : List.of();
    this.plan =
        graph.plan(
            Stream.concat(rectified.stream(), bounded.stream())
                .map(Layer::name)
                .distinct()
                .toList());
  }

  /**
   * All numbers by layer.
   *
   * @param norms the layers' norms, by the names of their values
   */
  Map<String, Map<String, Double>> of(
      ResidentSubset subset,
      int atOnce,
      @Nullable StopHook stop,
      Map<String, Map<String, Double>> norms) {
    Map<String, Map<String, Double>> all = new LinkedHashMap<>();
    norms.forEach((layer, values) -> all.put(layer, new LinkedHashMap<>(values)));
    if (rectified.isEmpty() && bounded.isEmpty()) {
      return all;
    }
    try (NativeHandles handles = new NativeHandles();
        PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        put(all, outputs(subset, atOnce, stop, handles));
      } finally {
        mode.deallocate();
      }
    }
    return all;
  }

  private void put(Map<String, Map<String, Double>> all, Outputs outputs) {
    outputs.largest.forEach(
        (layer, largest) ->
            of(all, layer)
                .put(
                    Diagnostic.DEAD_UNITS.value(),
                    largest.le(new Scalar(0.0)).sum().item_double() / largest.numel()));
    outputs.saturated.forEach(
        (layer, share) -> of(all, layer).put(Diagnostic.SATURATION.value(), share / outputs.rows));
  }

  private static Map<String, Double> of(Map<String, Map<String, Double>> all, String layer) {
    return all.computeIfAbsent(layer, _ -> new LinkedHashMap<>());
  }

  /** By layer, each unit's largest output, and the sum over the rows of the shares at a bound. */
  private static final class Outputs {
    final Map<String, Tensor> largest = new LinkedHashMap<>();
    final Map<String, Double> saturated = new LinkedHashMap<>();
    int rows;
  }

  private Outputs outputs(
      ResidentSubset subset, int atOnce, @Nullable StopHook stop, NativeHandles handles) {
    Outputs outputs = new Outputs();
    int rows = Math.min(ROWS, subset.rows());
    for (int from = 0; from < rows; from += atOnce) {
      int count = Math.min(atOnce, rows - from);
      try (PointerScope scope = new PointerScope()) {
        Graph.Values values =
            graph.run(subset.inputs(from, count), plan, ForwardContext.PREDICTION, stop);
        for (Layer layer : rectified) {
          Tensor most = largest(layer, graph.value(values, layer.name()));
          Tensor before = outputs.largest.get(layer.name());
          Tensor kept = handles.keep(before == null ? most : torch.maximum(before, most));
          outputs.largest.put(layer.name(), kept);
        }
        for (Layer layer : bounded) {
          double share = saturated(layer.spec().activation(), graph.value(values, layer.name()));
          outputs.saturated.merge(layer.name(), share * count, Double::sum);
        }
      }
      outputs.rows += count;
    }
    return outputs;
  }

  /** Each unit's largest output. */
  private static Tensor largest(Layer layer, Tensor values) {
    Tensor output = values.dim() == 1 ? values.unsqueeze(1) : values;
    boolean channelsFirst =
        layer.spec() instanceof ConvolutionSpec convolution
            && convolution.dataFormat() == DataFormat.CHANNELS_FIRST;
    int units = channelsFirst ? 1 : (int) output.dim() - 1;
    return output.transpose(0, units).flatten(1, -1).amax(new long[] {1}, false);
  }

  private static double saturated(ActivationSpec activation, Tensor output) {
    double margin = MARGIN * (activation.function().max() - activation.function().min());
    Tensor low = output.lt(new Scalar(activation.function().min() + margin));
    Tensor high = output.gt(new Scalar(activation.function().max() - margin));
    return low.logical_or(high).sum().item_double() / output.numel();
  }
}
