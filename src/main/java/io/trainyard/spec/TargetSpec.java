package io.trainyard.spec;

import io.trainyard.json.Word;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an output is trained to give.
 *
 * @param source where the values come from
 * @param output the network output it trains; null: the only one, else the one with its name
 * @param type null: class or number, by the type of the column
 * @param classes the labels in order; empty: those in the data, sorted
 * @param label the type of the given classes
 * @param offset rows from the end of a window to the value
 * @param clip whether predictions are held within the range of the training rows
 * @param rule how one of two classes is decided, as far as the caller says
 */
public record TargetSpec(
    Source source,
    @Nullable String output,
    @Nullable Type type,
    List<String> classes,
    Label label,
    int offset,
    @Nullable Shape shape,
    ByColumn<Scaling> scale,
    Clip clip,
    Rule rule) {
  public TargetSpec {
    classes = List.copyOf(classes);
  }

  /** The columns that its values come from; empty where they are not read from columns. */
  public List<String> columns() {
    return source instanceof Source.Columns(List<String> columns, boolean _) ? columns : List.of();
  }

  /** Whether it asks for a scale. */
  public boolean isScaled() {
    return scale.any(each -> !(each instanceof Scaling.None));
  }

  /**
   * How one of two classes is decided.
   *
   * @param positive the label that binary metrics and the threshold are about; null: the second
   * @param threshold the score from which on it is decided; null: 0.5, or 0 under a hinge loss
   */
  public record Rule(@Nullable String positive, @Nullable Threshold threshold) {
    public static final Rule DEFAULT = new Rule(null, null);

    public boolean isDefault() {
      return positive == null && threshold == null;
    }

    /** The metric that the threshold is chosen by; null when it is known. */
    public @Nullable Metric best() {
      return threshold instanceof Threshold.Best(Metric metric) ? metric : null;
    }
  }

  public sealed interface Threshold {
    record Fixed(double score) implements Threshold {}

    /** Chosen on the validation rows after training, among their scores. */
    record Best(Metric metric) implements Threshold {}
  }

  /** What predicted numbers are held within. */
  public enum Clip {
    NONE,
    /** From the smallest to the largest value of the training rows. */
    SEEN
  }

  public enum Type implements Word {
    CLASS,
    NUMBER,
    /** Two columns: a time, and whether something happened then or the row was last seen. */
    SURVIVAL
  }

  /** The type of a class's label. */
  public enum Label {
    TEXT,
    INTEGER,
    NUMBER,
    BOOLEAN;

    static Label of(JsonNode label) {
      if (label.isBoolean()) {
        return BOOLEAN;
      }
      if (!label.isNumber()) {
        return TEXT;
      }
      return isWhole(label) ? INTEGER : NUMBER;
    }

    /** A label as the text that a column's value has; whole numbers without a fraction. */
    public static String text(JsonNode label) {
      if (!label.isNumber() || label.isIntegralNumber()) {
        return label.asString();
      }
      return isWhole(label)
          ? Long.toString((long) label.doubleValue())
          : Double.toString(label.doubleValue());
    }

    private static boolean isWhole(JsonNode number) {
      return number.isIntegralNumber()
          ? number.canConvertToLong()
          : number.doubleValue() == Math.rint(number.doubleValue())
              && Math.abs(number.doubleValue()) < 1e15;
    }
  }

  /** Where the values of a target come from. */
  public sealed interface Source {
    /**
     * Columns of the data.
     *
     * @param alone whether the caller gave a single column instead of a list
     */
    record Columns(List<String> columns, boolean alone) implements Source {
      public Columns {
        columns = List.copyOf(columns);
      }

      public Columns(List<String> columns) {
        this(columns, false);
      }

      /** Where the column of an index is named, relative to the pointer of the target. */
      public String placeOf(int column) {
        return alone ? "/column" : "/columns/" + column;
      }
    }

    /** An encoded input, as for an autoencoder. */
    record Input(String input) implements Source {}

    /** The output of another layer; no gradient flows into it. */
    record LayerOutput(String layer) implements Source {}
  }
}
