/**
 * Idempotency keys in the table {@code idempotency_keys}.
 *
 * <p>Stores that create a resource call {@link
 * io.trainyard.store.idempotency.JdbcIdempotencyKeys#created} in their transaction. The package
 * knows no URLs and gives stored answers no meaning. Start at {@link
 * io.trainyard.store.idempotency.JdbcIdempotencyKeys}.
 */
@NullMarked
package io.trainyard.store.idempotency;

import org.jspecify.annotations.NullMarked;
