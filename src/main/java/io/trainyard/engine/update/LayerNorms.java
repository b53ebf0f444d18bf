package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.training.Diagnostic;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Norms of each layer's gradient, weights and updates: ‖g‖ and ‖Δw‖/‖w‖ as means over an epoch, ‖w‖
 * at its end; all weights of a layer count as one vector. A step from weights that are all 0 has no
 * ratio. Sums are float64 and stay on the device.
 */
final class LayerNorms implements AutoCloseable {
  /** Sums of a layer: gradients, their number, ratios, their number. */
  private static final int SUMS = 4;

  private final NativeHandles handles = new NativeHandles();
  private final Set<Diagnostic> wanted;
  private final Tensor flat;
  private final Tensor sums;

  /** All weights before a step; null when ratios are not wanted. */
  private final @Nullable Tensor before;

  private final List<Part> parts = new ArrayList<>();

  /** The weights of one layer lie side by side; gaps between them are 0. */
  private record Part(String layer, long offset, long length) {
    Tensor of(Tensor all) {
      return all.narrow(0, offset, length);
    }
  }

  private final Tensor gradient;

  private LayerNorms(Set<Diagnostic> wanted, TrainedWeights weights) {
    this.wanted = wanted;
    flat = weights.flat();
    gradient = weights.gradient();
    Map<String, Part> byLayer = new LinkedHashMap<>();
    for (TrainedWeights.Slot slot : weights.slots()) {
      byLayer.merge(
          slot.layer(),
          new Part(slot.layer(), slot.offset(), slot.length()),
          (a, b) -> new Part(a.layer, a.offset, a.length + b.length));
    }
    parts.addAll(byLayer.values());
    try (PointerScope scope = new PointerScope()) {
      long[] shape = {parts.size(), SUMS};
      sums = handles.keep(torch.zeros(shape, flat.options()).to(ScalarType.Double));
      before =
          wanted.contains(Diagnostic.UPDATE_RATIOS) ? handles.keep(torch.zeros_like(flat)) : null;
    }
  }

  /** Empty when none are wanted. */
  static Optional<LayerNorms> of(Set<Diagnostic> wanted, TrainedWeights weights) {
    boolean any = wanted.stream().anyMatch(each -> !each.isOfOutputs());
    return any && !weights.slots().isEmpty()
        ? Optional.of(new LayerNorms(wanted, weights))
        : Optional.empty();
  }

  void clear() {
    try (PointerScope scope = new PointerScope()) {
      sums.zero_();
    }
  }

  /** Adds the norms of a batch's gradient, in the caller's scope. */
  void addGradient() {
    if (!wanted.contains(Diagnostic.GRADIENT_NORMS)) {
      return;
    }
    for (int i = 0; i < parts.size(); i++) {
      sum(i, 0).add_(parts.get(i).of(gradient).norm());
      sum(i, 1).add_(new Scalar(1.0));
    }
  }

  void beforeUpdate() {
    if (before != null) {
      before.copy_(flat);
    }
  }

  /** Adds the change since {@link #beforeUpdate}, in the caller's scope. */
  void addUpdate() {
    if (before == null) {
      return;
    }
    Tensor change = flat.sub(before);
    for (int i = 0; i < parts.size(); i++) {
      Tensor weights = parts.get(i).of(before).norm();
      Tensor ratio = parts.get(i).of(change).norm().div(weights);
      Tensor counted =
          ratio.nan_to_num(new DoubleOptional(0), new DoubleOptional(0), new DoubleOptional(0));
      sum(i, 2).add_(counted);
      sum(i, 3).add_(weights.gt(new Scalar(0.0)));
    }
  }

  private Tensor sum(int part, long which) {
    return sums.select(0, part).select(0, which);
  }

  /** By layer, the epoch's numbers so far. */
  Map<String, Map<String, Double>> values() {
    Map<String, Map<String, Double>> values = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      double[] sum = TensorConversion.toHost(sums).toDoubles();
      for (int i = 0; i < parts.size(); i++) {
        Map<String, Double> own = new LinkedHashMap<>();
        int at = i * SUMS;
        if (wanted.contains(Diagnostic.GRADIENT_NORMS)) {
          own.put(Diagnostic.GRADIENT_NORMS.value(), sum[at] / sum[at + 1]);
        }
        if (wanted.contains(Diagnostic.WEIGHT_NORMS)) {
          own.put(Diagnostic.WEIGHT_NORMS.value(), parts.get(i).of(flat).norm().item_double());
        }
        if (wanted.contains(Diagnostic.UPDATE_RATIOS) && sum[at + 3] > 0) {
          own.put(Diagnostic.UPDATE_RATIOS.value(), sum[at + 2] / sum[at + 3]);
        }
        values.put(parts.get(i).layer(), own);
      }
    }
    return values;
  }

  HostTensor toHost() {
    try (PointerScope scope = new PointerScope()) {
      return TensorConversion.toHost(sums);
    }
  }

  void restore(HostTensor stored) {
    try (PointerScope scope = new PointerScope()) {
      sums.copy_(TensorConversion.view(stored));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
