/**
 * Shapes, element types, tensors outside the Java heap, and their two file formats: NPY and
 * safetensors. Knows nothing about models or native libraries. Start at {@link
 * io.trainyard.tensor.HostTensor}. Tests: {@code NpyTest} and {@code SafeTensorsTest}, with files
 * written by NumPy and by the reference implementation.
 *
 * <p>Other tests: {@code SafeTensorsHeader} in {@code SafeTensorsTest}.
 */
@NullMarked
package io.trainyard.tensor;

import org.jspecify.annotations.NullMarked;
