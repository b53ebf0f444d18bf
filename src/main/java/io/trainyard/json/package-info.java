/**
 * Strict JSON: reading with pointers, so that every fault names its place. Knows nothing of models,
 * data or HTTP.
 */
@NullMarked
package io.trainyard.json;

import org.jspecify.annotations.NullMarked;
