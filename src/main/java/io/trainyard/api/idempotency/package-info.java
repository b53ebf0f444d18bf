/**
 * The header {@code Idempotency-Key}: a call under a key runs once, and retries get its answer.
 *
 * <p>Operations take a key by {@link io.trainyard.api.TakesIdempotencyKey}. The package doesn't
 * know how keys are stored. Start at {@link io.trainyard.api.idempotency.IdempotencyFilter}.
 */
@NullMarked
package io.trainyard.api.idempotency;

import org.jspecify.annotations.NullMarked;
