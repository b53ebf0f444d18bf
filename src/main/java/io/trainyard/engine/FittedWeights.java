package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.weights.InitializerSpec;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * First weights that a batch decides, layer after layer: {@link InitializerSpec.Data}. A layer sees
 * what the fitted layers before it give, without dropout.
 */
final class FittedWeights {
  /** As for the weights that are drawn before: negative, so it differs from every phase. */
  private static final long PHASE = -1;

  private static final long EPOCH = 1;

  /** Rows whose sums make a bias. */
  private static final long ROWS = 5;

  /** A sum that varies less, relative to itself, does so by rounding. */
  private static final double CONSTANT = 1e-6;

  private FittedWeights() {}

  /** The weights to fit: those of {@code data} that the training is not given. */
  static boolean areIn(TrainingPlan plan) {
    return plan.network().layers().stream()
        .anyMatch(layer -> fits(layer, plan, "weight") || fits(layer, plan, "bias"));
  }

  private static boolean fits(Layer layer, TrainingPlan plan, String weight) {
    if (!(layer.spec() instanceof CoreSpec.Dense dense)
        || !layer.weightsOwner().equals(layer.name())) {
      return false;
    }
    boolean bias = weight.equals("bias");
    InitializerSpec initializer =
        bias ? dense.rules().biasInitializer() : dense.rules().initializer();
    Set<String> given = plan.initialWeights().keySet();
    return initializer instanceof InitializerSpec.Data
        && (dense.bias() || !bias)
        && !given.contains(stored(layer, weight));
  }

  /** The name under which a weight is stored, that of a nested model's layer too. */
  private static String stored(Layer layer, String weight) {
    return NestedSpec.stored(layer.name()) + "." + weight;
  }

  /**
   * Fits the weights in place.
   *
   * @param inputs a batch, in the order of the network's inputs
   */
  static void fit(
      TrainingPlan plan, Graph graph, TrainedWeights weights, @Nullable Tensor[] inputs) {
    try (RandomSource random = new RandomSource(plan.seed(), plan.device())) {
      for (Layer layer : plan.network().layers()) {
        boolean kernel = fits(layer, plan, "weight");
        boolean bias = fits(layer, plan, "bias");
        if (!kernel && !bias) {
          continue;
        }
        CoreSpec.Dense dense = (CoreSpec.Dense) layer.spec();
        String sums = layer.name() + ":pre";
        Graph.Values values =
            graph.run(inputs, graph.plan(List.of(sums)), ForwardContext.PREDICTION);
        Tensor z = graph.value(values, sums).reshape(-1, dense.units());
        if (dense.bias()) {
          z = z.sub(weights.tensor(stored(layer, "bias")).detach());
        }
        if (kernel) {
          Tensor factor = factor(z);
          weights.tensor(stored(layer, "weight")).detach().mul_(factor.unsqueeze(1));
          z = z.mul(factor);
        }
        if (bias) {
          random.at(PHASE, EPOCH, layer.index());
          Tensor rows = rows(z, random.purpose(0));
          Tensor shares = shares(z, random.purpose(1));
          weights.tensor(stored(layer, "bias")).detach().copy_(bias(z, rows, shares));
        }
      }
    }
  }

  /** What makes the deviation of each unit's sums 1; 1 where they don't vary. */
  static Tensor factor(Tensor z) {
    Tensor deviation = z.var(new long[] {0}, false, false).sqrt();
    Tensor least = z.abs().mean(new long[] {0}, false, none()).mul(new Scalar(CONSTANT));
    return torch.where(deviation.gt(least), deviation.reciprocal(), torch.ones_like(deviation));
  }

  /** −Σ share·z over the rows of each unit. Shapes: z [rows, units], others [ROWS, units]. */
  static Tensor bias(Tensor z, Tensor rows, Tensor shares) {
    return z.gather(0, rows).mul(shares).sum(new long[] {0}, false, none()).neg();
  }

  private static Tensor rows(Tensor z, GeneratorOptional random) {
    Tensor drawn = TensorConversion.emptyLike(z, new long[] {ROWS, z.size(1)});
    long count = z.size(0);
    return drawn
        .uniform_(0, 1, random)
        .mul(new Scalar((double) count))
        .floor()
        .to(ScalarType.Long)
        .clamp_max(new Scalar(count - 1));
  }

  /** Uniform over the numbers that are at least 0 and sum to 1. */
  private static Tensor shares(Tensor z, GeneratorOptional random) {
    Tensor drawn =
        TensorConversion.emptyLike(z, new long[] {ROWS, z.size(1)}).exponential_(1, random);
    return drawn.div(drawn.sum(new long[] {0}, true, none()));
  }

  private static org.bytedeco.pytorch.ScalarTypeOptional none() {
    return new org.bytedeco.pytorch.ScalarTypeOptional();
  }
}
