package io.trainyard.engine.update;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.training.OptimizerSpec;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** An optimizer with its state. It updates all weights at once, as one flat tensor. */
final class Optimizer implements AutoCloseable {
  /** Updates the weights by one step, in the caller's scope and without autograd. */
  @FunctionalInterface
  interface Rule {
    void step(double learningRate);
  }

  private final NativeHandles handles = new NativeHandles();
  private final Map<String, Tensor> state = new LinkedHashMap<>();
  private final Tensor weights;
  private final Tensor gradient;
  private final Rule rule;

  Optimizer(OptimizerSpec spec, TrainedWeights trained) {
    weights = trained.flat();
    gradient = trained.gradient();
    try (PointerScope scope = new PointerScope()) {
      rule =
          switch (spec) {
            case OptimizerSpec.Sgd sgd -> sgd(sgd);
            case OptimizerSpec.Adam adam ->
                adam(
                    "aten::_fused_adam_",
                    adam.beta1(),
                    adam.beta2(),
                    adam.weightDecay(),
                    adam.epsilon());
            case OptimizerSpec.AdamW adam ->
                adam(
                    "aten::_fused_adamw_",
                    adam.beta1(),
                    adam.beta2(),
                    adam.weightDecay(),
                    adam.epsilon());
          };
    }
  }

  void step(double learningRate) {
    rule.step(learningRate);
  }

  /** torch.optim.SGD with dampening 0: v ← μv + g; w ← w − lr·v, or w − lr·(g + μv). */
  private Rule sgd(OptimizerSpec.Sgd sgd) {
    Scalar momentum = handles.keep(new Scalar(sgd.momentum()));
    Scalar decay = handles.keep(new Scalar(sgd.weightDecay()));
    Tensor velocity = sgd.momentum() > 0 ? zeros("velocity") : gradient;
    return rate -> {
      Tensor g = sgd.weightDecay() > 0 ? gradient.add(weights, decay) : gradient;
      Scalar step = new Scalar(-rate);
      if (sgd.momentum() > 0) {
        velocity.mul_(momentum).add_(g);
        weights.add_(sgd.nesterov() ? g.add(velocity, momentum) : velocity, step);
      } else {
        weights.add_(g, step);
      }
    };
  }

  private Rule adam(
      String operator, double beta1, double beta2, double weightDecay, double epsilon) {
    Tensor average = zeros("average");
    Tensor squares = zeros("squares");
    Tensor steps = handles.keep(torch.zeros(1).to(weights.device(), weights.scalar_type()));
    state.put("steps", steps);
    FusedAdam fused = new FusedAdam(operator, weights, gradient, average, squares, steps, handles);
    return rate -> fused.step(rate, beta1, beta2, weightDecay, epsilon);
  }

  private Tensor zeros(String name) {
    Tensor zeros = handles.keep(torch.zeros_like(weights));
    state.put(name, zeros);
    return zeros;
  }

  /** A copy of the state by name. */
  Map<String, HostTensor> toHost() {
    Map<String, HostTensor> copy = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      state.forEach((name, tensor) -> copy.put(name, TensorConversion.toHost(tensor)));
    }
    return copy;
  }

  void restore(Map<String, HostTensor> stored) {
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      state.forEach(
          (name, tensor) ->
              tensor.copy_(TensorConversion.view(Objects.requireNonNull(stored.get(name)))));
      guard.deallocate();
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
