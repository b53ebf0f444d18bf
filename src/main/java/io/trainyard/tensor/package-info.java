/**
 * Shapes, element types, tensors outside the Java heap, and their two file formats: NPY and
 * safetensors. Knows nothing about models or native libraries. Start at {@link
 * io.trainyard.tensor.HostTensor}.
 */
@NullMarked
package io.trainyard.tensor;

import org.jspecify.annotations.NullMarked;
