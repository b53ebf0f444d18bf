package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.encoding.ColumnEncoding.Affine;
import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Encode;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
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
      json.violate("encode", "'encode' is required: one_hot or index");
    }
    boolean oneHot = json.choice("encode", Encode.ONE_HOT) == Encode.ONE_HOT;
    if (json.has("encode") && oneHot != (type == ElementType.FLOAT32)) {
      json.violate("encode", "An input of float32 has one_hot columns, one of int64 has indices");
    }
    Unknown unknown = json.choice("unknown", Unknown.ERROR);
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
    return new ColumnEncoding.Category(name, of, categories, oneHot, unknown, impute, fill);
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
    if (list == null || !list.isArray() || list.size() < least || list.size() > Categories.LIMIT) {
      String got =
          list != null && list.isArray() ? list.size() + " labels" : JsonObject.describe(list);
      json.violate(
          member,
          "A list of %d to %d labels was expected, got %s".formatted(least, Categories.LIMIT, got));
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
                    .formatted(KnownColumns.lower(type), JsonObject.describe(label)));
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
    boolean isNumber =
        switch (of) {
          case INTEGER, NUMBER, TENSOR -> true;
          case BOOLEAN -> ofTarget;
          case STRING, TIMESTAMP -> false;
        };
    if (!isNumber) {
      json.violate(
          "categories", "A column of type " + KnownColumns.lower(of) + " needs its 'categories'");
      return null;
    }
    Shape shape = of == ColumnType.TENSOR ? EncodingReader.shape(json) : null;
    Scaling scale = Scaling.read(json, "scale");
    Imputation impute = Imputation.read(json, "impute");
    if (impute instanceof Imputation.Text) {
      json.violate("impute", "A text cannot fill in numbers");
      return null;
    }
    if (type == ElementType.INT64 && (of == ColumnType.NUMBER || !isUnscaled(scale))) {
      json.violate("type", "An input of int64 has categories or whole, unscaled numbers");
    }
    ColumnEncoding.Learned learned = new ColumnEncoding.Learned(affine(scale), fill(impute));
    return new ColumnEncoding.Numeric(name, of, shape, scale, impute, learned);
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
