package io.trainyard.dataset;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;

/**
 * How columns become one input tensor.
 *
 * @param type FLOAT32, or INT64 for indices
 * @param shape of one row
 */
public record InputEncoding(ElementType type, Shape shape) {}
