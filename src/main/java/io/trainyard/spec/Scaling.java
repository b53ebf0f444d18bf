package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a number column is scaled. Statistics come from the training rows only. */
public sealed interface Scaling {
  record None() implements Scaling {}

  /** (x − mean)/std, where std divides by n. A constant column becomes 0. */
  record Standard() implements Scaling {}

  /** Linear to [−1, 1]. */
  record MinMax() implements Scaling {}

  /** Linear to [0, 1]. */
  record Unit() implements Scaling {}

  /**
   * x/√(1 + (x/3)²) of (x − median)/(third quartile − first quartile); where the quartiles are
   * equal, of (x − median)/(half the range). A constant column becomes 0. Source: Holzmüller et al.
   * 2024.
   */
  record Robust() implements Scaling {}

  /**
   * To a normal distribution by the quantiles of the training rows. A constant column becomes 0.
   * Source: sklearn.preprocessing.QuantileTransformer.
   */
  record Quantile() implements Scaling {}

  record Divide(double by) implements Scaling {
    public Divide {
      JsonObject.require(
          Math.abs(by) > 0 && Double.isFinite(by), "divide must be a number other than 0", by);
    }
  }

  /** Whether it is computed from rows. */
  default boolean learns() {
    return switch (this) {
      case Standard _, MinMax _, Unit _, Robust _, Quantile _ -> true;
      case None _, Divide _ -> false;
    };
  }

  /** Whether predictions can be given in the unit from before it. */
  default boolean isUndone() {
    return !(this instanceof Robust || this instanceof Quantile);
  }

  /**
   * Reads the member {@code scale}, one scaling or an object by column. An object with {@code
   * divide} alone is one scaling, unless it holds a scaling itself.
   *
   * @param columns of the input or the target; null or empty when they are not known
   */
  static ByColumn<Scaling> byColumn(JsonObject owner, @Nullable List<String> columns) {
    return ByColumn.read(owner, "scale", columns, new None(), Scaling::isDivide, Scaling::read);
  }

  private static boolean isDivide(JsonNode scale) {
    JsonNode by = scale.get("divide");
    boolean isScaling =
        by != null
            && (by.isObject()
                || (by.isString() && Word.of(Name.class, by.stringValue()).isPresent()));
    return by != null && scale.size() == 1 && !isScaling;
  }

  /** Reads a scaling; {@link None} when it is missing. */
  static Scaling read(JsonObject owner, String member) {
    JsonNode scale = owner.get(member);
    if (scale == null) {
      return new None();
    }
    if (scale.isObject()) {
      JsonObject object = JsonObject.of(scale, owner.pointer(member), owner.violations());
      double by = object.requiredNumber("divide");
      object.finish();
      Scaling divide =
          Double.isNaN(by) ? null : object.build(object.pointer("divide"), () -> new Divide(by));
      return divide == null ? new None() : divide;
    }
    if (scale.isNumber()) {
      owner.violate(
          member,
          "A name or an object was expected, got %1$s; to divide by it write {\"divide\": %1$s}"
              .formatted(JsonObject.describe(scale)));
      return new None();
    }
    return switch (owner.choice(member, Name.NONE, " or {\"divide\": 255}")) {
      case NONE -> new None();
      case STANDARD -> new Standard();
      case MINMAX -> new MinMax();
      case UNIT -> new Unit();
      case ROBUST -> new Robust();
      case QUANTILE -> new Quantile();
    };
  }

  /** The scalings that are written as a word. */
  enum Name implements Word {
    NONE,
    STANDARD,
    MINMAX,
    UNIT,
    ROBUST,
    QUANTILE
  }
}
