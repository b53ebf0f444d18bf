package io.trainyard.dataset;

import io.trainyard.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A column of a dataset version.
 *
 * @param shape the shape of one row's tensor; null for scalar columns
 * @param wholeNumbers whether all its numbers, or all elements of its tensors, are whole
 */
public record Column(
    String name,
    ColumnType type,
    @Nullable Shape shape,
    boolean wholeNumbers,
    ColumnProfile profile) {
  /** Whether no row has a value; then its type says nothing. */
  public boolean isEmpty() {
    return shape == null && profile.nulls() > 0 && profile.distinct() == 0;
  }
}
