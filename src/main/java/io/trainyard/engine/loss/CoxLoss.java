package io.trainyard.engine.loss;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.survival.PartialLikelihood;
import io.trainyard.engine.survival.SurvivalRows;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The loss cox of a batch. Its value and its gradient come from {@link PartialLikelihood}. */
public final class CoxLoss {
  private CoxLoss() {}

  /** A scalar whose gradient by the output is the likelihood's. */
  static Tensor of(Compared compared) {
    Tensor output = TensorConversion.as(numbers(compared.output()), compared.output());
    double[] target = host(compared.target()).toDoubles();
    double[] times = new double[target.length / 2];
    double[] events = new double[times.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = target[2 * i];
      events[i] = target[2 * i + 1];
    }
    PartialLikelihood likelihood =
        PartialLikelihood.of(host(compared.output()).toDoubles(), times, events);
    Tensor loss = constant(output, likelihood.loss()).squeeze();
    if (!output.requires_grad()) {
      return loss;
    }
    Tensor descended = output.flatten().mul(constant(output, likelihood.gradient())).sum();
    // The second term is 0, and has the gradient.
    return loss.add(descended.sub(descended.detach()));
  }

  private static ScalarType numbers(Tensor output) {
    ScalarType type = output.scalar_type().intern();
    return type == ScalarType.Double ? type : ScalarType.Float;
  }

  private static Tensor constant(Tensor like, double... numbers) {
    HostTensor host = HostTensor.ofDoubles(Shape.of(numbers.length), numbers);
    return TensorConversion.view(host)
        .to(like.device(), like.scalar_type().intern(), false, true, null);
  }

  /** Adds the rows of a batch: an output of one number, and a time and an event for each. */
  public static void add(Tensor output, Tensor target, SurvivalRows rows) {
    rows.add(host(output), host(target));
  }

  private static HostTensor host(Tensor tensor) {
    return TensorConversion.toHost(tensor.detach().to(ScalarType.Double));
  }
}
