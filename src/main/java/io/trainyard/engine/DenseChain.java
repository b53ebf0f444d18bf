package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.Device;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Training steps of plain dense chains without autograd, whose bookkeeping costs more than the
 * arithmetic of a small network. Values go into buffers that are made once for each size of batch,
 * gradients straight into the optimizer's buffer.
 *
 * <p>With z = x·Wᵀ + b, y = f(z) and D = ∂loss/∂z: ∂W = Dᵀ·x, ∂b = ΣD, ∂x = D·W.
 */
final class DenseChain implements AutoCloseable {
  private static final Set<Function> INNER =
      EnumSet.of(Function.LINEAR, Function.SIGMOID, Function.TANH, Function.RELU);

  private final NativeHandles retained = new NativeHandles();
  private final List<DenseLink> links;
  private final Objective objective;
  private final Function last;
  private final Map<Integer, ChainBuffers> buffers = new HashMap<>();

  private DenseChain(List<DenseLink> links, Objective objective) {
    this.links = links;
    this.objective = objective;
    this.last = links.getLast().activation();
    links.forEach(link -> link.keep(retained));
  }

  /** The chain that a plan's network is, if it is one that this class computes. */
  static Optional<DenseChain> of(TrainingPlan plan, TrainedWeights weights, boolean unpenalized) {
    NetworkSpec network = plan.network();
    if (plan.device() != Device.CPU || !unpenalized || plan.targets().size() != 1) {
      return Optional.empty();
    }
    Objective objective = plan.objectives().getFirst();
    List<String> inputs = network.inputNames();
    boolean plain =
        inputs.size() == 1
            && plan.shapes().of(inputs.getFirst()).rank() == 1
            && !network.layers().isEmpty()
            && objective.output().equals(network.layers().getLast().name())
            && objective.weight() == 1
            && !(objective.source() instanceof TargetSpec.Source.LayerOutput);
    if (!plain) {
      return Optional.empty();
    }
    try (PointerScope scope = new PointerScope()) {
      List<DenseLink> links = links(network, weights);
      return links.isEmpty() || !suits(objective.loss(), links.getLast().activation())
          ? Optional.empty()
          : Optional.of(new DenseChain(links, objective));
    }
  }

  /**
   * The dense layers with the activations behind them; empty when it is another kind of network.
   */
  private static List<DenseLink> links(NetworkSpec network, TrainedWeights weights) {
    List<DenseLink> links = new ArrayList<>();
    String before = network.inputNames().getFirst();
    for (Layer layer : network.layers()) {
      boolean follows = layer.inputs().equals(List.of(before));
      if (!follows || !layer.trainable() || layer.share() != null) {
        return List.of();
      }
      before = layer.name();
      switch (layer.spec()) {
        case CoreSpec.Dense dense ->
            links.add(DenseLink.of(layer.name(), dense.activation().function(), weights));
        case CoreSpec.Activation activation -> {
          if (links.isEmpty() || links.getLast().activation() != Function.LINEAR) {
            return List.of();
          }
          links.add(links.removeLast().with(activation.activation().function()));
        }
        default -> {
          return List.of();
        }
      }
    }
    boolean known =
        links.stream().limit(links.size() - 1L).allMatch(link -> INNER.contains(link.activation()));
    return known ? links : List.of();
  }

  private static boolean suits(LossSpec loss, Function last) {
    return switch (loss) {
      case LossSpec.Mse mse -> INNER.contains(last);
      case LossSpec.BinaryCrossentropy binary -> !binary.fromLogits() && last == Function.SIGMOID;
      case LossSpec.CategoricalCrossentropy categorical ->
          !categorical.fromLogits() && last == Function.SOFTMAX;
      default -> false;
    };
  }

  /** Whether targets of this kind are taken: a softmax wants labels. */
  boolean takes(Tensor target) {
    boolean labels = target.scalar_type().intern() == ScalarType.Long && target.dim() == 1;
    return last != Function.SOFTMAX || labels;
  }

  /** Computes a batch's loss, which {@link #backward} then follows. */
  Tensor forward(Tensor x, Tensor target, int rows) {
    ChainBuffers at = buffers.computeIfAbsent(rows, count -> new ChainBuffers(count, links));
    at.input = x;
    Tensor values = x;
    for (int i = 0; i < links.size(); i++) {
      DenseLink link = links.get(i);
      link.forward(at.sums.get(i), values);
      values = at.values.get(i);
      DenseLink.activate(link.activation(), values, at.sums.get(i));
    }
    Tensor truth = last == Function.SOFTMAX ? target : Losses.like(target, values);
    at.target = truth;
    return Losses.of(objective.loss(), at.sums.getLast(), values, last, truth);
  }

  /** Writes the gradients of the batch just computed. */
  void backward(int rows) {
    ChainBuffers at = at(rows);
    Tensor values = at.values.getLast();
    at.startGradient(objective.loss(), values);
    if (objective.loss() instanceof LossSpec.Mse) {
      DenseLink.slope(last, at.gradients.getLast(), values);
    }
    for (int i = links.size() - 1; i >= 0; i--) {
      DenseLink link = links.get(i);
      Tensor input = i == 0 ? Objects.requireNonNull(at.input) : at.values.get(i - 1);
      link.gradients(at.gradients.get(i), at.transposed.get(i), input);
      if (i > 0) {
        Tensor below = at.gradients.get(i - 1);
        torch.mm_out(below, at.gradients.get(i), link.weight());
        DenseLink.slope(links.get(i - 1).activation(), below, input);
      }
    }
  }

  Tensor output(int rows) {
    return at(rows).values.getLast();
  }

  private ChainBuffers at(int rows) {
    return Objects.requireNonNull(buffers.get(rows), "forward comes first");
  }

  @Override
  public void close() {
    buffers.values().forEach(ChainBuffers::close);
    retained.close();
  }
}
