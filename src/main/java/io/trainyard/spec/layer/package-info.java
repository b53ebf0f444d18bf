/**
 * What each layer computes, reads and gives; one family per file. Knows nothing of data or native
 * code.
 */
@NullMarked
package io.trainyard.spec.layer;

import org.jspecify.annotations.NullMarked;
