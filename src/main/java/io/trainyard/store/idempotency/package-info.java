/** The store behind idempotency keys. */
@NullMarked
package io.trainyard.store.idempotency;

import org.jspecify.annotations.NullMarked;
