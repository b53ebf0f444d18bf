/**
 * Idempotency keys: a caller repeats a creating call under the same key, and it runs once.
 *
 * <p>A port between {@code api}, which knows keys and answers, and {@code store}, which knows what
 * was created. It knows neither URLs, nor status codes, nor SQL. Start at {@link
 * io.trainyard.idempotency.IdempotencyKeys}.
 */
@NullMarked
package io.trainyard.idempotency;

import org.jspecify.annotations.NullMarked;
