package io.trainyard.engine;

import io.trainyard.engine.loss.Compared;
import io.trainyard.engine.loss.Losses;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.Precision;
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
import org.jspecify.annotations.Nullable;

/**
 * Training steps without autograd for dense layers that follow each other, as a network or at its
 * end: in small layers, autograd costs more than the arithmetic. Values go to buffers that are
 * reused per batch size; gradients go straight to the optimizer's buffer.
 *
 * <p>With z = x·Wᵀ + b, y = f(z) and D = ∂loss/∂z: ∂W = Dᵀ·x, ∂b = ΣD, ∂x = D·W.
 */
final class DenseChain implements AutoCloseable {
  private static final Set<Function> INNER =
      EnumSet.of(Function.LINEAR, Function.SIGMOID, Function.TANH, Function.RELU);

  private final NativeHandles handles = new NativeHandles();
  private final String source;
  private final boolean isWhole;
  private final List<DenseLink> links;
  private final Objective objective;
  private final Function last;
  private final Map<Integer, ChainBuffers> buffers = new HashMap<>();

  private DenseChain(String source, boolean isWhole, List<DenseLink> links, Objective objective) {
    this.source = source;
    this.isWhole = isWhole;
    this.links = links;
    this.objective = objective;
    this.last = links.getLast().activation();
    links.forEach(link -> link.keep(handles));
  }

  /**
   * The chain that a plan's network is, or ends with; empty when autograd must compute its end too.
   */
  static Optional<DenseChain> of(TrainingPlan plan, TrainedWeights weights, boolean regularized) {
    NetworkSpec network = plan.network();
    boolean single = plan.training().precision() == Precision.FLOAT32;
    if (plan.device() != Device.CPU || !single || regularized || plan.targets().size() != 1) {
      return Optional.empty();
    }
    Objective objective = plan.objectives().getFirst();
    boolean plain =
        !network.layers().isEmpty()
            && objective.output().equals(network.layers().getLast().name())
            && objective.weight() == 1
            && !(objective.source() instanceof TargetSpec.Source.LayerOutput);
    if (!plain) {
      return Optional.empty();
    }
    try (PointerScope scope = new PointerScope()) {
      for (int first = firstOfEnd(network.layers()); first < network.layers().size(); first++) {
        List<Layer> layers = network.layers().subList(first, network.layers().size());
        List<DenseLink> links = links(layers, weights);
        String source = layers.getFirst().inputs().getFirst();
        if (!links.isEmpty() && plan.shapes().of(source).rank() == 1) {
          boolean isWhole = first == 0 && network.inputNames().equals(List.of(source));
          return suits(objective.loss(), links.getLast().activation())
              ? Optional.of(new DenseChain(source, isWhole, links, objective))
              : Optional.empty();
        }
      }
      return Optional.empty();
    }
  }

  /**
   * The index from which on each layer has weights of its own, and is the only input of the next.
   */
  private static int firstOfEnd(List<Layer> layers) {
    int first = layers.size();
    String next = layers.getLast().name();
    while (first > 0) {
      Layer layer = layers.get(first - 1);
      boolean fits = layer.trainable() && layer.share() == null && layer.inputs().size() == 1;
      if (!fits || !layer.name().equals(next)) {
        break;
      }
      next = layer.inputs().getFirst();
      first--;
    }
    return first;
  }

  /** The dense layers, each with the activation that follows it; empty for any other layers. */
  private static List<DenseLink> links(List<Layer> layers, TrainedWeights weights) {
    List<DenseLink> links = new ArrayList<>();
    for (Layer layer : layers) {
      switch (layer.spec()) {
        case CoreSpec.Dense dense when dense.isPlain() ->
            links.add(DenseLink.of(layer.name(), dense.activation().function(), weights));
        case CoreSpec.Activation activation when !activation.activation().learned() -> {
          if (links.isEmpty() || links.getLast().activation() != Function.LINEAR) {
            return List.of();
          }
          links.add(links.removeLast().withActivation(activation.activation().function()));
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
      case NumberLoss.Mse _,
          NumberLoss.Mae _,
          NumberLoss.Sse _,
          NumberLoss.Huber _,
          NumberLoss.SmoothL1 _ ->
          INNER.contains(last);
      case ClassLoss.BinaryCrossentropy binary -> !binary.fromLogits() && last == Function.SIGMOID;
      case ClassLoss.CategoricalCrossentropy categorical ->
          !categorical.fromLogits() && last == Function.SOFTMAX;
      case NumberLoss _, ClassLoss _, ExpressionLoss _ -> false;
    };
  }

  /** The input or layer that gives the chain its rows. */
  String source() {
    return source;
  }

  /** Whether the chain is all that a network computes. */
  boolean isWhole() {
    return isWhole;
  }

  /** Whether the chain can use this target: softmax needs labels. */
  boolean accepts(Tensor target) {
    boolean labels = target.scalar_type().intern() == ScalarType.Long && target.dim() == 1;
    return last != Function.SOFTMAX || labels;
  }

  /**
   * Computes a batch's loss; {@link #backward} needs its values.
   *
   * @param weights of the rows; null: every row counts the same
   */
  Tensor forward(Tensor x, Tensor target, @Nullable Tensor weights, int rows) {
    ChainBuffers buffer =
        buffers.computeIfAbsent(
            rows, count -> NativeHandles.whileMaking(() -> new ChainBuffers(count, links)));
    buffer.input = x;
    Tensor values = x;
    for (int i = 0; i < links.size(); i++) {
      DenseLink link = links.get(i);
      link.forward(buffer.sums.get(i), values);
      values = buffer.values.get(i);
      DenseLink.activate(link.activation(), values, buffer.sums.get(i));
    }
    Tensor truth = last == Function.SOFTMAX ? target : Losses.matching(target, values);
    buffer.target = truth;
    buffer.weights = weights;
    return buffer.hasMeanSquare(objective.loss())
        ? buffer.meanSquare(values)
        : Losses.of(
            objective.loss(), new Compared(buffer.sums.getLast(), values, last, truth), weights);
  }

  /** Writes the gradients of the last batch of this size. */
  void backward(int rows) {
    ChainBuffers buffer = at(rows);
    Tensor values = buffer.values.getLast();
    buffer.startGradient(objective.loss(), values);
    if (objective.loss() instanceof NumberLoss) {
      DenseLink.slope(last, buffer.gradients.getLast(), values);
    }
    for (int i = links.size() - 1; i >= 0; i--) {
      DenseLink link = links.get(i);
      Tensor input = i == 0 ? Objects.requireNonNull(buffer.input) : buffer.values.get(i - 1);
      link.gradients(buffer.gradients.get(i), buffer.transposed.get(i), input, buffer.rowOfOnes);
      if (i > 0) {
        Tensor below = buffer.gradients.get(i - 1);
        torch.mm_out(below, buffer.gradients.get(i), link.weight());
        DenseLink.slope(links.get(i - 1).activation(), below, input);
      }
    }
  }

  /** The gradient of the chain's own input, after {@link #backward}. */
  Tensor inputGradient(int rows) {
    ChainBuffers buffer = at(rows);
    return torch.mm(buffer.gradients.getFirst(), links.getFirst().weight());
  }

  /** Shows the outputs of the last loss to an observer. */
  void observe(BatchObserver observer, Tensor target, int rows) {
    observer.batch(
        objective,
        TensorConversion.borrow(at(rows).values.getLast()),
        TensorConversion.borrow(target.contiguous()));
  }

  private ChainBuffers at(int rows) {
    return Objects.requireNonNull(buffers.get(rows), "forward must be called first");
  }

  @Override
  public void close() {
    buffers.values().forEach(ChainBuffers::close);
    handles.close();
  }
}
