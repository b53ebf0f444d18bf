/**
 * Trained and imported model versions, where they came from, and the aliases that point at them.
 */
@NullMarked
package io.trainyard.model;

import org.jspecify.annotations.NullMarked;
