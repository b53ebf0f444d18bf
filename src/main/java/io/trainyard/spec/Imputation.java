package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What replaces a missing value. Statistics come from the training rows only. */
public sealed interface Imputation {
  /** A missing value is an error. */
  record Refuse() implements Imputation {}

  record Mean() implements Imputation {}

  record Median() implements Imputation {}

  /** The most frequent value; of several, the smallest, as scikit-learn's SimpleImputer. */
  record MostFrequent() implements Imputation {}

  record Constant(double element) implements Imputation {}

  /** A category of its own, or one of the others, for text columns. */
  record Text(String text) implements Imputation {}

  /** Whether it is computed from rows. */
  default boolean learns() {
    return this instanceof Mean || this instanceof Median || this instanceof MostFrequent;
  }

  /**
   * Reads the member {@code impute}, one imputation or an object by column. An object with {@code
   * constant} alone is one imputation, unless it holds an object.
   *
   * @param columns of the input; null or empty when they are not known
   */
  static ByColumn<Imputation> byColumn(JsonObject owner, @Nullable List<String> columns) {
    return ByColumn.read(
        owner, "impute", columns, new Refuse(), Imputation::isConstant, Imputation::read);
  }

  private static boolean isConstant(JsonNode impute) {
    JsonNode constant = impute.get("constant");
    return constant != null && impute.size() == 1 && !constant.isObject();
  }

  /** Reads an imputation; {@link Refuse} when it is missing. */
  static Imputation read(JsonObject owner, String member) {
    JsonNode impute = owner.get(member);
    if (impute == null) {
      return new Refuse();
    }
    if (!impute.isObject()) {
      return switch (owner.choice(member, Name.ERROR, " or {\"constant\": 0}")) {
        case ERROR -> new Refuse();
        case MEAN -> new Mean();
        case MEDIAN -> new Median();
        case MOST_FREQUENT -> new MostFrequent();
      };
    }
    JsonObject object = JsonObject.of(impute, owner.pointer(member), owner.violations());
    Imputation constant =
        object.hasText("constant")
            ? new Text(object.text("constant", ""))
            : new Constant(object.requiredNumber("constant"));
    object.finish();
    return constant;
  }

  /** The imputations that are written as a word. */
  enum Name {
    ERROR,
    MEAN,
    MEDIAN,
    MOST_FREQUENT
  }
}
