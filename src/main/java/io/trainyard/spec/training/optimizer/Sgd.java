package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import org.jspecify.annotations.Nullable;

/**
 * SGD with momentum, without dampening: v ← μ·v + g, w ← w − lr·v; with Nesterov w ← w − lr·(g +
 * μ·v). Source: torch.optim.SGD.
 *
 * @param momentum μ
 */
public record Sgd(
    double learningRate, double momentum, boolean nesterov, ScheduledNumber weightDecay)
    implements OptimizerSpec {
  public Sgd {
    Parameters.requireRate(learningRate);
    Parameters.requireNonNegative("momentum", momentum);
    Parameters.requireNonNegative("weight_decay", weightDecay.value());
    if (nesterov && !(momentum > 0)) {
      throw new IllegalArgumentException("nesterov needs a momentum above 0");
    }
  }

  static @Nullable Sgd read(JsonObject sgd) {
    double learningRate = sgd.number("learning_rate", 0.01);
    double momentum = sgd.number("momentum", 0);
    boolean nesterov = sgd.bool("nesterov", false);
    ScheduledNumber weightDecay = ScheduledNumber.read(sgd, "weight_decay", 0);
    return sgd.build(() -> new Sgd(learningRate, momentum, nesterov, weightDecay));
  }

  @Override
  public int stateTensors() {
    return momentum > 0 ? 1 : 0;
  }
}
