package io.trainyard.dataset;

import io.trainyard.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A column and what is known of its content.
 *
 * @param shape the shape of one row's tensor; null for scalar columns
 * @param wholeNumbers whether all its numbers, a tensor's elements too, are whole
 */
public record Column(
    String name,
    ColumnType type,
    @Nullable Shape shape,
    boolean wholeNumbers,
    ColumnProfile profile) {}
