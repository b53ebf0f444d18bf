package io.trainyard.spec.weights;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.InitializerSpec.Glorot;
import io.trainyard.spec.weights.InitializerSpec.He;
import io.trainyard.spec.weights.InitializerSpec.Lecun;
import io.trainyard.spec.weights.InitializerSpec.NguyenWidrow;
import io.trainyard.spec.weights.InitializerSpec.Normal;
import io.trainyard.spec.weights.InitializerSpec.Orthogonal;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.InitializerSpec.TruncatedNormal;
import io.trainyard.spec.weights.InitializerSpec.Uniform;
import io.trainyard.spec.weights.RegularizerSpec.Sparsity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads initializers and the regularizer of a weighted layer. */
public final class RulesReader {
  private RulesReader() {}

  public static WeightRules read(JsonObject layer, WeightRules defaults) {
    InitializerSpec initializer = initializer(layer, "initializer", defaults.initializer());
    // These two set kernel and bias together.
    boolean throughout = initializer instanceof Torch || initializer instanceof NguyenWidrow;
    InitializerSpec bias =
        initializer(
            layer, "bias_initializer", throughout ? initializer : defaults.biasInitializer());
    if (bias instanceof Orthogonal) {
      layer.violate("bias_initializer", "A bias has one axis and cannot be orthogonal");
    }
    WeightRules rules = new WeightRules(initializer, bias, regularizer(layer));
    JsonObject constraint = layer.object("constraint");
    if (constraint == null) {
      return rules;
    }
    double longest = constraint.requiredNumber("max_norm");
    constraint.finish();
    return Double.isNaN(longest)
        ? rules
        : Objects.requireNonNullElse(
            constraint.build(constraint.pointer("max_norm"), () -> rules.withMaxNorm(longest)),
            rules);
  }

  public static InitializerSpec initializer(
      JsonObject layer, String member, InitializerSpec fallback) {
    JsonNode json = layer.get(member);
    if (json == null) {
      return fallback;
    }
    if (!json.isObject()) {
      return named(layer, member, fallback, layer);
    }
    JsonObject object = JsonObject.of(json, layer.pointer(member), layer.violations());
    if (!object.has("type")) {
      object.requiredText("type");
    }
    InitializerSpec initializer = named(object, "type", fallback, object);
    object.finish();
    return initializer;
  }

  /** The initializer a member names, with the parameters of an object. */
  private static InitializerSpec named(
      JsonObject members, String member, InitializerSpec fallback, JsonObject object) {
    long before = members.violations().count();
    Name name = members.choice(member, Name.ZEROS);
    if (members.violations().count() > before || !members.has(member)) {
      return fallback;
    }
    boolean parameters = member.equals("type");
    return switch (name) {
      case GLOROT_UNIFORM -> new Glorot(true);
      case GLOROT_NORMAL -> new Glorot(false);
      case HE_UNIFORM -> new He(true);
      case HE_NORMAL -> new He(false);
      case LECUN_UNIFORM -> new Lecun(true);
      case LECUN_NORMAL -> new Lecun(false);
      case ORTHOGONAL -> new Orthogonal(parameters ? object.number("gain", 1) : 1);
      case UNIFORM -> uniform(object, parameters);
      case NORMAL ->
          new Normal(
              parameters ? object.number("mean", 0) : 0, parameters ? std(object) : DEFAULT_WIDTH);
      case TRUNCATED_NORMAL ->
          new TruncatedNormal(
              parameters ? object.number("mean", 0) : 0, parameters ? std(object) : DEFAULT_WIDTH);
      case ZEROS -> new Constant(0);
      case ONES -> new Constant(1);
      case NGUYEN_WIDROW -> new NguyenWidrow();
      case TORCH -> new Torch();
    };
  }

  /** Keras's width of uniform and standard deviation of normal. */
  private static final double DEFAULT_WIDTH = 0.05;

  private static InitializerSpec uniform(JsonObject object, boolean parameters) {
    if (!parameters) {
      return new Uniform(-DEFAULT_WIDTH, DEFAULT_WIDTH);
    }
    double min = object.number("min", -DEFAULT_WIDTH);
    double max = object.number("max", DEFAULT_WIDTH);
    if (!(min <= max)) {
      object.violate("min", "min must be at most max, was " + min + " above " + max);
      return new Uniform(-DEFAULT_WIDTH, DEFAULT_WIDTH);
    }
    return new Uniform(min, max);
  }

  private static double std(JsonObject object) {
    double std = object.number("std", DEFAULT_WIDTH);
    if (!(std >= 0)) {
      object.violate("std", "std must be at least 0, was " + std);
      return DEFAULT_WIDTH;
    }
    return std;
  }

  private static RegularizerSpec regularizer(JsonObject layer) {
    JsonObject regularizer = layer.object("regularizer");
    if (regularizer == null) {
      return RegularizerSpec.NONE;
    }
    double l1 = regularizer.number("l1", 0);
    double l2 = regularizer.number("l2", 0);
    double activityL2 = regularizer.number("activity_l2", 0);
    Sparsity sparsity = sparsity(regularizer.object("sparsity"));
    regularizer.finish();
    return Objects.requireNonNullElse(
        regularizer.build(() -> new RegularizerSpec(l1, l2, activityL2, sparsity)),
        RegularizerSpec.NONE);
  }

  private static @Nullable Sparsity sparsity(@Nullable JsonObject sparsity) {
    if (sparsity == null) {
      return null;
    }
    double weight = sparsity.requiredNumber("weight");
    double proportion = sparsity.requiredNumber("proportion");
    sparsity.finish();
    return Double.isNaN(weight) || Double.isNaN(proportion)
        ? null
        : sparsity.build(() -> new Sparsity(weight, proportion));
  }

  private enum Name {
    GLOROT_UNIFORM,
    GLOROT_NORMAL,
    HE_UNIFORM,
    HE_NORMAL,
    LECUN_UNIFORM,
    LECUN_NORMAL,
    ORTHOGONAL,
    UNIFORM,
    NORMAL,
    TRUNCATED_NORMAL,
    ZEROS,
    ONES,
    NGUYEN_WIDROW,
    TORCH
  }
}
