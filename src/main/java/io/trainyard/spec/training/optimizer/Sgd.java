package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.bool;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
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

  /** What callers are told of it. */
  static Described described() {
    return Described.as("sgd", "Steps down the gradient, with momentum.")
        .formula("v ← μ·v + g; w ← w − lr·v; with nesterov w ← w − lr·(g + μ·v)")
        .names("torch.optim.SGD", "keras.optimizers.SGD", "sgdm")
        .source("PyTorch's SGD without dampening")
        .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
        .member(
            "momentum", Parameters.nonNegative(0), "μ: the share of the last step that goes on.")
        .member(
            "nesterov",
            bool(false),
            "Whether the gradient is looked at ahead; needs a momentum above 0.")
        .member("weight_decay", Parameters.decay(0))
        .example("learning_rate", 0.1)
        .example("momentum", 0.9);
  }
}
