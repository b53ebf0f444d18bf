/**
 * What the process does to be fast for its first callers: it answers itself before it is ready. It
 * must not know how predictions are made. Start at {@code ProcessWarmUp}.
 */
@NullMarked
package io.trainyard.api.warm;

import org.jspecify.annotations.NullMarked;
