package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads an optimizer: a name, or an object with its parameters; Adam when none is named. */
final class OptimizerReader {
  private OptimizerReader() {}

  static @Nullable OptimizerSpec read(JsonObject training, String member) {
    JsonNode json = training.get(member);
    if (json == null) {
      return named(Name.ADAM, JsonObject.none(training.violations()));
    }
    if (json.isString()) {
      long before = training.violations().count();
      Name name = training.choice(member, Name.ADAM);
      return training.violations().count() > before
          ? null
          : named(name, JsonObject.none(training.violations()));
    }
    JsonObject optimizer = JsonObject.of(json, training.pointer(member), training.violations());
    long before = training.violations().count();
    if (!optimizer.has("type")) {
      optimizer.requiredText("type");
    }
    Name name = optimizer.choice("type", Name.ADAM);
    if (training.violations().count() > before) {
      return null;
    }
    OptimizerSpec spec = named(name, optimizer);
    optimizer.finish();
    return spec;
  }

  private static @Nullable OptimizerSpec named(Name name, JsonObject optimizer) {
    double weightDecay = optimizer.number("weight_decay", name == Name.ADAMW ? 0.01 : 0);
    if (name == Name.SGD) {
      double learningRate = optimizer.number("learning_rate", 0.01);
      double momentum = optimizer.number("momentum", 0);
      boolean nesterov = optimizer.bool("nesterov", false);
      return optimizer.build(
          () -> new OptimizerSpec.Sgd(learningRate, momentum, nesterov, weightDecay));
    }
    double learningRate = optimizer.number("learning_rate", 0.001);
    double beta1 = optimizer.number("beta_1", 0.9);
    double beta2 = optimizer.number("beta_2", 0.999);
    double epsilon = optimizer.number("epsilon", 1e-8);
    return name == Name.ADAM
        ? optimizer.build(
            () -> new OptimizerSpec.Adam(learningRate, beta1, beta2, epsilon, weightDecay))
        : optimizer.build(
            () -> new OptimizerSpec.AdamW(learningRate, beta1, beta2, epsilon, weightDecay));
  }

  private enum Name {
    SGD,
    ADAM,
    ADAMW
  }
}
