package io.trainyard.engine.update;

import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.engine.weights.TrainedWeights.Slot;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.training.UpdateRules;
import io.trainyard.spec.training.UpdateRules.WithoutDecay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that share the optimizer's parameters, as PyTorch's param_groups.
 *
 * @param ranges of the flat tensor; neighbours are one range
 */
record WeightGroup(Parameters parameters, List<Range> ranges) {
  /** A part of the flat tensor. */
  record Range(long offset, long length) {}

  /**
   * What differs between groups.
   *
   * @param rate the factor of the learning rate
   */
  record Parameters(double rate, boolean decays) {}

  /** The groups of a training: one group with all weights, where no rule tells them apart. */
  static List<WeightGroup> of(NetworkSpec network, TrainedWeights weights, UpdateRules rules) {
    if (rules.learningRates().isEmpty() && rules.withoutDecay().isEmpty()) {
      Range all = new Range(0, weights.flat().numel());
      return List.of(new WeightGroup(new Parameters(1, true), List.of(all)));
    }
    Map<Parameters, List<Range>> ranges = new LinkedHashMap<>();
    for (Slot slot : weights.slots()) {
      boolean excluded =
          (rules.withoutDecay().contains(WithoutDecay.BIAS) && isBias(slot))
              || (rules.withoutDecay().contains(WithoutDecay.NORM) && isOfNorm(slot, network));
      Parameters parameters = new Parameters(rules.factor(slot.name(), slot.layer()), !excluded);
      add(ranges.computeIfAbsent(parameters, _ -> new ArrayList<>()), slot);
    }
    return ranges.entrySet().stream()
        .map(group -> new WeightGroup(group.getKey(), group.getValue()))
        .toList();
  }

  private static void add(List<Range> ranges, Slot slot) {
    Range last = ranges.isEmpty() ? new Range(0, 0) : ranges.getLast();
    if (!ranges.isEmpty() && last.offset() + last.length() == slot.offset()) {
      ranges.set(ranges.size() - 1, new Range(last.offset(), last.length() + slot.length()));
    } else {
      ranges.add(new Range(slot.offset(), slot.length()));
    }
  }

  /** As PyTorch names them: bias, bias_ih_l0, in_proj_bias, norm1.bias. */
  private static boolean isBias(Slot slot) {
    String name = slot.name().substring(slot.name().lastIndexOf('.') + 1);
    return name.contains("bias");
  }

  private static boolean isOfNorm(Slot slot, NetworkSpec network) {
    String owner = slot.name().substring(0, slot.name().lastIndexOf('.'));
    return network.layer(slot.layer()).spec() instanceof NormSpec
        || owner.endsWith(".norm1")
        || owner.endsWith(".norm2");
  }
}
