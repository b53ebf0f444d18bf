package io.trainyard.spec.weights;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.InitializerSpec.Data;
import io.trainyard.spec.weights.InitializerSpec.Glorot;
import io.trainyard.spec.weights.InitializerSpec.NguyenWidrow;
import io.trainyard.spec.weights.InitializerSpec.Orthogonal;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Initializers, regularizer and max-norm constraint of a layer's weights.
 *
 * @param initializer of the kernels
 * @param biasInitializer of the biases
 * @param regularizer of the kernels, or the scales of a layer without kernels; never the biases;
 *     and of the layer's output
 * @param maxNorm the limit of the 2-norm of a unit's row of kernel weights; null for none
 */
public record WeightRules(
    InitializerSpec initializer,
    InitializerSpec biasInitializer,
    RegularizerSpec regularizer,
    @Nullable Double maxNorm) {
  /** Kernels Glorot uniform, biases 0, no regularizer, no max-norm constraint. */
  public static final WeightRules DEFAULT =
      new WeightRules(new Glorot(true), new Constant(0), RegularizerSpec.NONE);

  public WeightRules {
    if (maxNorm != null && !(maxNorm > 0 && Double.isFinite(maxNorm))) {
      throw new IllegalArgumentException("max_norm must be above 0, was " + maxNorm);
    }
  }

  public WeightRules(
      InitializerSpec initializer, InitializerSpec biasInitializer, RegularizerSpec regularizer) {
    this(initializer, biasInitializer, regularizer, null);
  }

  /**
   * Reads {@code initializer}, {@code bias_initializer}, {@code regularizer}, {@code constraint}.
   */
  public static WeightRules read(JsonObject layer, WeightRules defaults) {
    WeightRules rules = readOfDense(layer, defaults);
    refuseData(layer, "initializer", rules.initializer());
    refuseData(
        layer, "bias_initializer", layer.has("bias_initializer") ? rules.biasInitializer() : null);
    return rules;
  }

  /** Refuses what only a dense layer can start from. */
  public static void refuseData(
      JsonObject layer, String member, @Nullable InitializerSpec initializer) {
    if (initializer instanceof Data) {
      layer.violate(
          member, "'data' looks at the sums of a dense layer; another layer needs another one");
    }
  }

  /** As {@link #read}, for a layer whose first weights a batch may decide. */
  public static WeightRules readOfDense(JsonObject layer, WeightRules defaults) {
    InitializerSpec initializer =
        InitializerSpec.read(layer, "initializer", defaults.initializer());
    // These set kernel and bias together.
    boolean both =
        initializer instanceof Torch
            || initializer instanceof NguyenWidrow
            || initializer instanceof Data;
    InitializerSpec bias =
        InitializerSpec.read(
            layer, "bias_initializer", both ? initializer : defaults.biasInitializer());
    if (bias instanceof Orthogonal) {
      layer.violate("bias_initializer", "A bias has one axis and cannot be orthogonal");
    }
    return read(layer, initializer, bias);
  }

  /** The rules of a layer whose scales start at this number, and whose biases at 0. */
  public static WeightRules ofScale(double start) {
    return new WeightRules(new Constant(start), new Constant(0), RegularizerSpec.NONE);
  }

  /**
   * Reads the members of a layer that has one weight per channel, its scale, and a bias. The
   * regularizer and the constraint are for the scales.
   */
  public static WeightRules readScale(JsonObject layer, double start) {
    WeightRules defaults = ofScale(start);
    InitializerSpec scale = readVector(layer, "initializer", defaults.initializer());
    InitializerSpec bias = readVector(layer, "bias_initializer", defaults.biasInitializer());
    return read(layer, scale, bias);
  }

  /** As {@link #readScale}, for a layer without a bias. */
  public static WeightRules readSlope(JsonObject layer, double start) {
    WeightRules defaults = ofScale(start);
    InitializerSpec slope = readVector(layer, "initializer", defaults.initializer());
    return read(layer, slope, defaults.biasInitializer());
  }

  /** The initializer of weights with one axis; PyTorch's own is the fallback. */
  private static InitializerSpec readVector(
      JsonObject layer, String member, InitializerSpec fallback) {
    InitializerSpec given = InitializerSpec.read(layer, member, fallback);
    if (given instanceof Orthogonal || given instanceof NguyenWidrow) {
      layer.violate(
          member,
          "These weights have one axis and cannot be %s; use ones, uniform or normal"
              .formatted(given instanceof Orthogonal ? "orthogonal" : "nguyen_widrow"));
    }
    refuseData(layer, member, given);
    return given instanceof Torch ? fallback : given;
  }

  private static WeightRules read(
      JsonObject layer, InitializerSpec initializer, InitializerSpec bias) {
    WeightRules rules = new WeightRules(initializer, bias, RegularizerSpec.read(layer));
    JsonObject constraint = layer.object("constraint");
    return constraint == null ? rules : rules.constrained(constraint);
  }

  private WeightRules constrained(JsonObject constraint) {
    double norm = constraint.requiredNumber("max_norm");
    constraint.finish();
    return Double.isNaN(norm)
        ? this
        : Objects.requireNonNullElse(
            constraint.build(constraint.pointer("max_norm"), () -> withMaxNorm(norm)), this);
  }

  public WeightRules withInitializer(InitializerSpec other) {
    return new WeightRules(other, biasInitializer, regularizer, maxNorm);
  }

  private WeightRules withMaxNorm(double norm) {
    return new WeightRules(initializer, biasInitializer, regularizer, norm);
  }
}
