/**
 * What a process does to be fast for its first callers: it answers itself before it is ready, and
 * while {@code trainyard bake} records its work. It must not know how predictions are made. Start
 * at {@code ProcessWarmUp}.
 */
@NullMarked
package io.trainyard.api.practice;

import org.jspecify.annotations.NullMarked;
