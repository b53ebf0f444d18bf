/**
 * Shapes, element types, off-heap tensors and the two file formats they travel in. Knows nothing of
 * native code.
 */
@NullMarked
package io.trainyard.tensor;

import org.jspecify.annotations.NullMarked;
