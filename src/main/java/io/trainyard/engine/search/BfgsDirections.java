package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.training.optimizer.Bfgs;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The directions of {@link Bfgs}. */
final class BfgsDirections implements LineSearchDescent.Directions {
  static final StrongWolfe.Tolerance TOLERANCE = new StrongWolfe.Tolerance(0.9, 1e-12);

  /** A curvature is a rounding error where it is smaller, relative to |s|·|y|. */
  private static final double ROUNDING = 0x1p-52;

  private static final String TURNS = "bfgs";
  private static final String INVERSE = "inverse_hessian";
  private static final String WEIGHTS = "weights";
  private static final String GRADIENT = "gradient";

  private final NativeHandles handles = new NativeHandles();
  private final Tensor weights;
  private final Tensor gradient;

  /** Where the numbers of H are in the flat tensors, which have gaps. */
  private final Tensor positions;

  private final Tensor inverse;
  private final Tensor weightsBefore;
  private final Tensor gradientBefore;

  /** Directions since the last −g. */
  private long turns;

  /** The changes that H is made of; 0: H is I. */
  private long changes;

  BfgsDirections(TrainedWeights trained) {
    weights = trained.flat();
    gradient = trained.gradient();
    positions = handles.keep(trained.positions());
    long size = positions.numel();
    inverse = handles.keep(weights.new_zeros(size, size));
    weightsBefore = handles.keep(torch.zeros_like(weights));
    gradientBefore = handles.keep(torch.zeros_like(weights));
  }

  @Override
  public void turn(Tensor direction) {
    if (turns > 0) {
      learn();
    }
    turns++;
    weightsBefore.copy_(weights);
    gradientBefore.copy_(gradient);
    if (changes == 0) {
      direction.copy_(gradient.neg());
    } else {
      Tensor step = inverse.mv(gradient.index_select(0, positions)).neg();
      direction.index_copy_(0, positions, step);
    }
  }

  /** Changes H by the last step, if the loss curves upwards along it. */
  private void learn() {
    Tensor s = weights.sub(weightsBefore).index_select(0, positions);
    Tensor y = gradient.sub(gradientBefore).index_select(0, positions);
    double curvature = dot(y, s);
    double square = dot(y, y);
    if (!(curvature > ROUNDING * Math.sqrt(square * dot(s, s)))) {
      return;
    }
    if (changes == 0) {
      inverse.zero_();
      inverse.diagonal().fill_(new Scalar(curvature / square));
    }
    changes++;
    // Multiplied out: H + (1 + ρ·yᵀHy)·ρ·s·sᵀ − ρ·(Hy·sᵀ + s·(Hy)ᵀ)
    Tensor turned = inverse.mv(y);
    double rho = 1 / curvature;
    Scalar one = new Scalar(1.0);
    Scalar less = new Scalar(-rho);
    inverse.addr_(s, s, one, new Scalar((1 + rho * dot(y, turned)) * rho));
    inverse.addr_(turned, s, one, less);
    inverse.addr_(s, turned, one, less);
  }

  private static double dot(Tensor a, Tensor b) {
    return a.dot(b).item_double();
  }

  @Override
  public void restart() {
    turns = 0;
    changes = 0;
  }

  @Override
  public double firstLength(double last, double promised, double slope) {
    return 1;
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(TURNS, HostTensor.ofLongs(Shape.of(2), turns, changes));
    state.put(INVERSE, TensorConversion.toHost(inverse));
    state.put(WEIGHTS, TensorConversion.toHost(weightsBefore));
    state.put(GRADIENT, TensorConversion.toHost(gradientBefore));
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    HostTensor numbers = Objects.requireNonNull(state.get(TURNS));
    turns = numbers.longAt(0);
    changes = numbers.longAt(1);
    inverse.copy_(TensorConversion.view(Objects.requireNonNull(state.get(INVERSE))));
    weightsBefore.copy_(TensorConversion.view(Objects.requireNonNull(state.get(WEIGHTS))));
    gradientBefore.copy_(TensorConversion.view(Objects.requireNonNull(state.get(GRADIENT))));
  }

  @Override
  public void close() {
    handles.close();
  }
}
