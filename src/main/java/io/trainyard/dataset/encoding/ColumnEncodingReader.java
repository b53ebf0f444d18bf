package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.encoding.ColumnEncoding.Form;
import io.trainyard.dataset.encoding.FittedScale.Affine;
import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.TimeFeature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one column of an encoding, with everything that was learned about it. */
final class ColumnEncodingReader {
  private final JsonObject json;
  private final ElementType type;
  private final boolean ofTarget;

  /**
   * @param type of the input that the column is part of
   * @param ofTarget whether a boolean is a number, 0 or 1
   */
  ColumnEncodingReader(JsonObject json, ElementType type, boolean ofTarget) {
    this.ofTarget = ofTarget;
    this.json = json;
    this.type = type;
  }

  /** Null when there are violations. */
  @Nullable ColumnEncoding read() {
    long before = json.violations().count();
    String name = json.requiredText("column");
    json.requiredText("type");
    ColumnType of = json.choice("type", ColumnType.NUMBER);
    ColumnEncoding column = json.has("categories") ? category(name, of) : number(name, of);
    return json.violations().count() > before ? null : column;
  }

  private ColumnEncoding category(String name, ColumnType of) {
    if (of == ColumnType.TENSOR || of == ColumnType.TIMESTAMP) {
      json.violate("type", "A column of texts, whole numbers or booleans has categories");
    }
    List<String> categories = labels(json, "categories", of, 1);
    if (!json.has("encode")) {
      json.violate("encode", "'encode' is required: one_hot, index or sign");
    }
    Form form = json.choice("encode", Form.ONE_HOT);
    if (json.has("encode") && (form == Form.INDEX) != (type == ElementType.INT64)) {
      json.violate(
          "encode", "An input of float32 has one_hot columns and signs, one of int64 has indices");
    }
    Unknown unknown = json.choice("unknown", Unknown.ERROR);
    boolean missing = json.bool("missing", false);
    if (form == Form.SIGN && (categories.size() != 2 || unknown == Unknown.INDEX)) {
      json.violate("encode", "A sign is for two categories, without an index for unknown ones");
    }
    Imputation impute = Imputation.read(json, "impute");
    String fill =
        switch (impute) {
          case Imputation.Refuse() -> null;
          case Imputation.MostFrequent() -> text(json.get("fill"));
          case Imputation.Text(String text) -> text;
          case Imputation.Constant(double element) -> ColumnValues.label(element);
          case Imputation.Mean(), Imputation.Median() -> {
            json.violate("impute", "An average fills in numbers, not categories");
            yield null;
          }
        };
    if (fill == null && impute instanceof Imputation.MostFrequent) {
      json.violate("fill", "'fill' is required: the category that most_frequent learned");
    }
    JsonNode given = json.get("fill");
    if (given != null && !Objects.equals(text(given), fill)) {
      json.violate("fill", fill == null ? "Nothing is imputed" : "'impute' says '" + fill + "'");
    }
    if (fill != null && !categories.isEmpty() && !categories.contains(fill)) {
      json.violate("fill", "'" + JsonObject.shorten(fill) + "' is not among the categories");
    }
    if (form == Form.INDEX && missing && fill != null) {
      json.violate(
          "missing", "'impute' fills in missing values, so they have no index of their own");
    }
    return new ColumnEncoding.Category(name, of, categories, form, unknown, missing, impute, fill);
  }

  private static @Nullable String text(@Nullable JsonNode label) {
    return label == null ? null : TargetSpec.Label.text(label);
  }

  /**
   * A list of labels as texts.
   *
   * @param type of their column, which each must fit
   * @return empty when there are violations
   */
  static List<String> labels(JsonObject json, String member, ColumnType type, int least) {
    JsonNode list = json.get(member);
    if (list == null
        || !list.isArray()
        || list.size() < least
        || list.size() > KnownColumns.MAX_CATEGORIES) {
      String got =
          list != null && list.isArray() ? list.size() + " labels" : JsonObject.describe(list);
      json.violate(
          member,
          "A list of %d to %d labels was expected, got %s"
              .formatted(least, KnownColumns.MAX_CATEGORIES, got));
      return List.of();
    }
    List<String> labels = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      String at = Violation.pointer(json.pointer(member), i);
      JsonNode label = list.get(i);
      if (label.isContainer() || label.isNull() || !fits(TargetSpec.Label.text(label), type)) {
        json.violations()
            .add(
                at,
                "A label of type %s was expected, got %s"
                    .formatted(type.word(), JsonObject.describe(label)));
      } else if (!seen.add(TargetSpec.Label.text(label))) {
        json.violations().add(at, JsonObject.describe(label) + " is listed twice");
      } else {
        labels.add(TargetSpec.Label.text(label));
      }
    }
    return labels;
  }

  /** Whether a label can be shown as a value of a column of that type. */
  static boolean fits(String label, ColumnType type) {
    try {
      return switch (type) {
        case INTEGER -> Long.toString(Long.parseLong(label)).equals(label);
        case NUMBER -> ColumnValues.label(Double.parseDouble(label)).equals(label);
        case BOOLEAN -> label.equals("true") || label.equals("false");
        case STRING, TIMESTAMP -> true;
        case TENSOR -> false;
      };
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private @Nullable ColumnEncoding number(String name, ColumnType of) {
    List<TimeFeature> times = times(of);
    boolean isNumber =
        switch (of) {
          case INTEGER, NUMBER, TENSOR, TIMESTAMP -> true;
          case BOOLEAN -> ofTarget;
          case STRING -> false;
        };
    if (!isNumber) {
      json.violate("categories", "A column of type " + of.word() + " needs its 'categories'");
      return null;
    }
    if (of == ColumnType.TIMESTAMP && !json.has("features")) {
      json.violate("features", "A column of timestamps needs its 'features'");
    }
    Shape shape = of == ColumnType.TENSOR ? EncodingReader.shape(json) : null;
    Scaling scale = Scaling.read(json, "scale");
    Imputation impute = Imputation.read(json, "impute");
    if (impute instanceof Imputation.Text) {
      json.violate("impute", "A text cannot fill in numbers");
      return null;
    }
    boolean indicator = json.bool("missing_indicator", false);
    if (indicator && impute instanceof Imputation.Refuse) {
      json.violate("missing_indicator", "It needs an 'impute': what fills in the missing value");
    }
    if (type == ElementType.INT64
        && (of == ColumnType.NUMBER || !isUnscaled(scale) || indicator || !times.isEmpty())) {
      json.violate("type", "An input of int64 has categories or whole, unscaled numbers");
    }
    boolean clipped = json.choice("clip", TargetSpec.Clip.NONE) == TargetSpec.Clip.SEEN;
    checkPredicted(scale, clipped, indicator, times);
    ColumnEncoding.Learned learned =
        new ColumnEncoding.Learned(scale(scale), fill(impute), clipped ? seen() : null);
    ColumnEncoding.Traits traits = new ColumnEncoding.Traits(times, indicator, clipped);
    return new ColumnEncoding.Numeric(name, of, shape, traits, scale, impute, learned);
  }

  /** What a target cannot have, and what only a target has. */
  private void checkPredicted(
      Scaling scale, boolean clipped, boolean indicator, List<TimeFeature> times) {
    if (!ofTarget) {
      if (clipped) {
        json.violate("clip", "It holds predictions of a target in a range; this is an input");
      }
      return;
    }
    if (!scale.isUndone()) {
      json.violate("scale", "A prediction has no way back from this scale, which is for inputs");
    }
    if (indicator) {
      json.violate("missing_indicator", "It is for inputs: a target has no missing values");
    }
    if (!times.isEmpty()) {
      json.violate("features", "They are for inputs: no prediction gives a time");
    }
  }

  private List<TimeFeature> times(ColumnType of) {
    if (!json.has("features")) {
      return List.of();
    }
    if (of != ColumnType.TIMESTAMP) {
      json.violate("features", "Only a column of type timestamp has features of a time");
    }
    List<TimeFeature> features = TimeFeature.read(json);
    return features == null ? List.of() : features;
  }

  private ColumnEncoding.@Nullable Range seen() {
    double min = json.requiredNumber("min");
    double max = json.requiredNumber("max");
    if (min > max) {
      json.violate(
          "max", "A number of at least 'min', %s, was expected, got %s".formatted(min, max));
    }
    return new ColumnEncoding.Range(min, max);
  }

  private FittedScale scale(Scaling scale) {
    return switch (scale) {
      case Scaling.Quantile() -> quantiles();
      case Scaling.Robust() -> new FittedScale.Robust(affine(scale));
      case Scaling.None(),
          Scaling.Standard(),
          Scaling.MinMax(),
          Scaling.Unit(),
          Scaling.Divide(double _) ->
          affine(scale);
    };
  }

  private FittedScale.Quantile quantiles() {
    JsonNode list = json.get("quantiles");
    int most = FittedScale.Quantile.MOST;
    if (list == null || !list.isArray() || list.isEmpty() || list.size() > most) {
      json.violate(
          "quantiles",
          "The 1 to %d quantiles that this scale learned were expected, got %s"
              .formatted(
                  most,
                  list != null && list.isArray()
                      ? list.size() + " numbers"
                      : JsonObject.describe(list)));
      return new FittedScale.Quantile(new double[] {0});
    }
    double[] quantiles = new double[list.size()];
    for (int i = 0; i < quantiles.length; i++) {
      JsonNode each = list.get(i);
      quantiles[i] = each.isNumber() ? each.doubleValue() : Double.NaN;
      if (!Double.isFinite(quantiles[i]) || (i > 0 && !(quantiles[i] >= quantiles[i - 1]))) {
        json.violations()
            .add(
                Violation.pointer(json.pointer("quantiles"), i),
                "A finite number, not below the one before, was expected, got "
                    + JsonObject.describe(each));
        return new FittedScale.Quantile(new double[] {0});
      }
    }
    return new FittedScale.Quantile(quantiles);
  }

  private static boolean isUnscaled(Scaling scale) {
    return scale instanceof Scaling.None;
  }

  /** y = (x − offset) / span; what is not learned follows from the scale. */
  private Affine affine(Scaling scale) {
    boolean learns = scale.learns();
    if (learns && !(json.has("offset") && json.has("span"))) {
      json.violate(
          json.has("offset") ? "span" : "offset",
          "This scale needs the 'offset' and 'span' that it learned: y = (x − offset) / span");
    }
    Affine known = scale instanceof Scaling.Divide(double by) ? new Affine(0, by) : Affine.IDENTITY;
    Affine given =
        new Affine(json.number("offset", known.offset()), json.number("span", known.span()));
    if (learns && given.span() < 0) {
      json.violate("span", "0 for a constant column, or a number above 0, was expected");
    }
    if (!learns && !given.equals(known)) {
      json.violate(
          given.offset() == known.offset() ? "span" : "offset",
          "This scale has the offset %s and the span %s".formatted(known.offset(), known.span()));
    }
    return given;
  }

  /** What replaces a missing value; NaN when nothing does. */
  private double fill(Imputation impute) {
    if (impute.learns() && !json.has("fill")) {
      json.violate("fill", "'fill' is required: the number that 'impute' learned");
    }
    double known = impute instanceof Imputation.Constant(double element) ? element : Double.NaN;
    double given = json.number("fill", known);
    if (json.has("fill") && impute instanceof Imputation.Refuse) {
      json.violate("fill", "Nothing is imputed");
    } else if (!impute.learns() && Double.compare(given, known) != 0) {
      json.violate("fill", "'impute' says " + known);
    }
    if (type == ElementType.INT64 && given != Math.rint(given) && !Double.isNaN(given)) {
      json.violate("fill", "A whole number was expected");
    }
    return given;
  }
}
