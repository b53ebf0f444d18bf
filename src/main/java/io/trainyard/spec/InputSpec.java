package io.trainyard.spec;

import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How columns become one input tensor.
 *
 * @param columns the columns in order; empty for "*", all that nothing else uses
 * @param alone whether the caller named it as the only one, not in a list
 * @param shape the row's shape, when it is not just the number of features
 * @param window how rows become sequences; null: each row is one
 * @param like a version ("ae1@1") whose columns and learned encoding are copied, or null
 */
public record InputSpec(
    List<String> columns,
    boolean alone,
    @Nullable Shape shape,
    Encode encode,
    Unknown unknown,
    Scaling scale,
    Imputation impute,
    @Nullable RowWindow window,
    @Nullable String like) {
  public InputSpec {
    columns = List.copyOf(columns);
  }

  public boolean takesAllColumns() {
    return columns.isEmpty() && like == null;
  }

  /** Where in the input's object a column was named, as the end of a pointer. */
  public String placeOf(String column) {
    int index = columns.indexOf(column);
    return alone ? "/column" : index < 0 ? "/columns" : "/columns/" + index;
  }

  /** What becomes of string and boolean columns. */
  public enum Encode {
    ONE_HOT,
    INDEX
  }

  /** What becomes of a category that training never saw. */
  public enum Unknown {
    ERROR,
    ZEROS
  }
}
