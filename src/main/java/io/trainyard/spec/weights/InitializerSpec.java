package io.trainyard.spec.weights;

import io.trainyard.json.JsonObject;
import io.trainyard.json.MemberReader;
import tools.jackson.databind.JsonNode;

/** How a weight is initialized. {@code in} and {@code out} are its fan-in and fan-out. */
public sealed interface InitializerSpec {
  /** Variance 2/(in + out): uniform in ±√(6/(in + out)), or normal. Source: Glorot 2010. */
  record Glorot(boolean uniform) implements InitializerSpec {}

  /** Variance 2/in. Source: He 2015. */
  record He(boolean uniform) implements InitializerSpec {}

  /** Variance 1/in. Source: LeCun 1998. */
  record Lecun(boolean uniform) implements InitializerSpec {}

  /** Rows or columns orthonormal, times gain. Source: torch.nn.init.orthogonal_. */
  record Orthogonal(double gain) implements InitializerSpec {}

  record Uniform(double min, double max) implements InitializerSpec {
    /** Keras's half width; Keras's normal has it as standard deviation. */
    private static final double DEFAULT_WIDTH = 0.05;

    private static Uniform read(JsonObject members) {
      double min = members.number("min", -DEFAULT_WIDTH);
      double max = members.number("max", DEFAULT_WIDTH);
      if (!(min <= max)) {
        members.violate("min", "min must be at most max, was " + min + " above " + max);
      }
      return new Uniform(min, max);
    }
  }

  record Normal(double mean, double std) implements InitializerSpec {}

  /** Normal, redrawn outside two standard deviations. */
  record TruncatedNormal(double mean, double std) implements InitializerSpec {}

  record Constant(double element) implements InitializerSpec {}

  /** Active regions of the units spread over inputs in [−1, 1]. Source: Nguyen and Widrow 1990. */
  record NguyenWidrow() implements InitializerSpec {}

  /** 0, but 1 for an LSTM's forget gates, the second quarter of a bias. Callers can't name it. */
  record ForgetGate() implements InitializerSpec {}

  /** −1 or 1, each with the same probability. Callers can't name it. */
  record RandomSigns() implements InitializerSpec {}

  /** The same numbers in every row, drawn as one of them. Callers can't name it. */
  record EqualRows(InitializerSpec row) implements InitializerSpec {}

  /** PyTorch's own default for the layer. */
  record Torch() implements InitializerSpec {}

  /**
   * From the first batch, so that each unit's weighted sum z has the variance 1 in it: a row of
   * normal weights divided by the deviation of its sum. A bias is −Σ λ·z over five of the batch's
   * rows, λ uniform over the weights that are at least 0 and sum to 1. Source: Holzmüller et al.
   * 2024, after Steinwart 2019 (he+5).
   */
  record Data() implements InitializerSpec {}

  /** A name, or an object with the name as {@code type}; the fallback when missing or refused. */
  static InitializerSpec read(JsonObject layer, String member, InitializerSpec fallback) {
    JsonNode json = layer.get(member);
    if (json == null) {
      return fallback;
    }
    InitializerSpec initializer =
        layer.kind(
            member, json.isObject() ? layer.object(member) : null, Name.ZEROS, name -> name.reader);
    return initializer == null ? fallback : initializer;
  }

  private static double std(JsonObject parameters) {
    double std = parameters.number("std", Uniform.DEFAULT_WIDTH);
    if (!(std >= 0)) {
      parameters.violate("std", "std must be at least 0, was " + std);
    }
    return std;
  }

  /** The names that callers may write, in lower case. */
  enum Name {
    GLOROT_UNIFORM(_ -> new Glorot(true)),
    GLOROT_NORMAL(_ -> new Glorot(false)),
    HE_UNIFORM(_ -> new He(true)),
    HE_NORMAL(_ -> new He(false)),
    LECUN_UNIFORM(_ -> new Lecun(true)),
    LECUN_NORMAL(_ -> new Lecun(false)),
    ORTHOGONAL(parameters -> new Orthogonal(parameters.number("gain", 1))),
    UNIFORM(Uniform::read),
    NORMAL(parameters -> new Normal(parameters.number("mean", 0), std(parameters))),
    TRUNCATED_NORMAL(
        parameters -> new TruncatedNormal(parameters.number("mean", 0), std(parameters))),
    ZEROS(_ -> new Constant(0)),
    ONES(_ -> new Constant(1)),
    NGUYEN_WIDROW(_ -> new NguyenWidrow()),
    TORCH(_ -> new Torch()),
    DATA(_ -> new Data());

    @SuppressWarnings("ImmutableEnumChecker") // a reader has no state
    private final MemberReader<InitializerSpec> reader;

    Name(MemberReader<InitializerSpec> reader) {
      this.reader = reader;
    }
  }
}
