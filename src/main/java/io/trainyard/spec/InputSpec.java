package io.trainyard.spec;

import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How columns become one input tensor.
 *
 * @param columns the columns in order; empty for "*", all columns that nothing else uses
 * @param times by column of timestamps, the features of its times
 * @param alone whether the caller gave a single column instead of a list
 * @param shape the shape of a row; null: [number of features]
 * @param layout where a tensor column has its channels, if not where {@code shape} has them
 * @param window how rows become sequences; null: each row is a sample
 * @param minCount categories in fewer of the selected rows count as unknown
 * @param missingIndicator whether a column with missing values gets one more feature, 1 where its
 *     value is missing
 * @param like a version ("ae1@1") whose columns and encoding are copied, or null
 */
public record InputSpec(
    List<String> columns,
    Map<String, List<TimeFeature>> times,
    boolean alone,
    @Nullable Shape shape,
    @Nullable DataFormat layout,
    Encodes encode,
    Unknown unknown,
    int minCount,
    ByColumn<Scaling> scale,
    ByColumn<Imputation> impute,
    ByColumn<Boolean> missingIndicator,
    @Nullable RowWindow window,
    @Nullable String like) {
  public InputSpec {
    columns = List.copyOf(columns);
    times = Collections.unmodifiableMap(new LinkedHashMap<>(times));
  }

  /** The features of a row, as far as they are known without data: one for most columns. */
  public int declaredFeatures() {
    return columns.size()
        + times.values().stream().mapToInt(features -> TimeFeature.width(features) - 1).sum();
  }

  public boolean takesAllColumns() {
    return columns.isEmpty() && like == null;
  }

  /** Where the column of an index is named, relative to the pointer of the input. */
  public String placeOf(int column) {
    return alone ? "/column" : columns.isEmpty() ? "/columns" : "/columns/" + column;
  }

  /**
   * How columns of categories become numbers.
   *
   * @param all for every text and boolean column; null when the caller gave no such word
   * @param byColumn the columns that the caller named; among them, columns of whole numbers become
   *     categories too
   */
  public record Encodes(@Nullable Encode all, Map<String, Encode> byColumn) {
    static final Encodes DEFAULT = new Encodes(null, Map.of());

    public Encodes {
      byColumn = Collections.unmodifiableMap(new LinkedHashMap<>(byColumn));
    }

    /** How a column of categories becomes numbers. */
    public Encode of(String column) {
      return byColumn.getOrDefault(column, all == null ? Encode.ONE_HOT : all);
    }

    /** Whether some column is to be such, as far as the caller says. */
    public boolean asks(Encode encode) {
      return all == encode || byColumn.containsValue(encode);
    }
  }

  /** How a column of categories becomes numbers. */
  public enum Encode {
    ONE_HOT,
    INDEX,
    /**
     * By the number of categories, a missing value counted: two without missing values become one
     * feature, −1 or 1; at most {@link #MOST_ONE_HOT} are one-hot; more become an index, where
     * unknown and missing values have one index each.
     */
    AUTO;

    /** As many categories are one-hot under {@code auto}. */
    public static final int MOST_ONE_HOT = 9;
  }

  /** What to do with a category that was not in the selected rows, or in too few of them. */
  public enum Unknown {
    ERROR,
    /** A one-hot vector without a one. */
    ZEROS,
    /** An index of their own, which all of them share, behind those of the categories. */
    INDEX
  }
}
