/**
 * Shapes, element types, tensors outside the Java heap, and their two file formats: NPY and
 * safetensors. Knows nothing about models or native libraries. Start at {@link
 * io.trainyard.tensor.HostTensor}. Tests: {@code NpyTest} and {@code SafeTensorsTest}, with files
 * written by NumPy and by the reference implementation.
 *
 * <p>Classes without a test of their name are held: {@code SafeTensorsHeader} by {@code
 * SafeTensorsTest}.
 */
@NullMarked
package io.trainyard.tensor;

import org.jspecify.annotations.NullMarked;
